"""What the route file says about several operations at once."""

import pytest
from pydantic import ValidationError

from ingress.fanout.sections import FanOutSection


def test_all_are_needed_unless_it_is_said() -> None:
    """The strict one is the default."""
    section = FanOutSection.model_validate({"branches": {"a": {"operation": "s.a"}}})
    assert section.need == "all"


@pytest.mark.parametrize("branches", [{}, {"a": {}}, {"a b": {"operation": "s.a"}}])
def test_a_branch_names_its_operation(branches: dict[str, object]) -> None:
    """There is nothing that it could be otherwise."""
    with pytest.raises(ValidationError):
        FanOutSection.model_validate({"branches": branches})
