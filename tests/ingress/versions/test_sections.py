"""What the route file says about versions."""

import pytest
from pydantic import ValidationError

from ingress.versions.sections import VersionsSection


def test_the_section_says_how_to_ask() -> None:
    """In the order of the file."""
    section = VersionsSection.model_validate(
        {"ask": ["query:v"], "default": "2", "known": {"1": {"sunset": "2027-01-31"}, "2": {}}}
    )
    assert (section.asking.sources, section.asking.known) == (("query:v",), ("1", "2"))
    assert section.known["1"].sunset == 1_801_353_600


@pytest.mark.parametrize(
    "wrong",
    [
        {"known": {}},
        {"known": {"a b": {}}},
        {"known": {"1": {"documentation": "x"}}},
        {"known": {"1": {"documentation": "https://a.test/<b>"}}},
        {"known": {"1": {"sunset": "soon"}}},
        {"ask": ["cookie:v"], "known": {"1": {}}},
    ],
)
def test_what_cannot_be_said_is_refused(wrong: dict[str, object]) -> None:
    """A link is a URL without what would end it."""
    with pytest.raises(ValidationError):
        VersionsSection.model_validate(wrong)
