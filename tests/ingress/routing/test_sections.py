"""What the route file says about which requests a route takes."""

import pytest
from pydantic import ValidationError

from ingress.routing.conditions import Conditions
from ingress.routing.sections import MatchSection


def test_a_section_gives_its_conditions_in_one_order() -> None:
    """So that two that say the same are the same."""
    section = MatchSection(headers={"b": "2", "a": "1"}, query={"q": "*"}, media=("c/d", "a/b"))
    assert section.conditions == Conditions(
        headers=(("a", "1"), ("b", "2")), query=(("q", "*"),), media=("a/b", "c/d")
    )


@pytest.mark.parametrize(
    "wrong",
    [{"hosts": ["A"]}, {"headers": {"X-Big": "1"}}, {"media": ["json"]}, {"priority": -1}],
)
def test_what_could_never_match_is_refused(wrong: dict[str, object]) -> None:
    """Names that no request has, for ours are in lower case."""
    with pytest.raises(ValidationError):
        MatchSection.model_validate(wrong)
