"""What the route file says about answers of the gateway's own."""

import pytest
from pydantic import ValidationError

from ingress.fixed.sections import RedirectSection, ReplySection


def test_a_redirect_keeps_the_method_unless_it_is_said() -> None:
    """308, with the query."""
    section = RedirectSection(to="/a")
    assert (section.status, section.query) == (308, "keep")


@pytest.mark.parametrize(
    "wrong", [{"status": 100}, {"headers": {"A": "b"}}, {"headers": {"a": "b\r\nc: d"}}]
)
def test_what_http_cannot_carry_is_refused(wrong: dict[str, object]) -> None:
    """A field's value ends no field."""
    with pytest.raises(ValidationError):
        ReplySection.model_validate(wrong)
