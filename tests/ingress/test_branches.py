"""Settings that are written in one of several ways."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.branches import BRANCHES, MORE, WORD, Switchable, word_or_more
from ingress.values import Section


class Lamp(Section):
    """A section."""

    watts: int = 5


LAMP: TypeAdapter[object] = TypeAdapter(Switchable[Lamp])


def test_a_section_can_be_switched_off() -> None:
    """It is a section, or the word, and no other word."""
    assert LAMP.validate_python({"watts": 7}) == Lamp(watts=7)
    assert LAMP.validate_python("off") == "off"
    for wrong in ("on", False, None, ["off"]):
        with pytest.raises(ValidationError):
            LAMP.validate_python(wrong)


def test_an_error_is_of_one_branch() -> None:
    """What is wrong with a section is told without what would be wrong with the word."""
    with pytest.raises(ValidationError) as caught:
        LAMP.validate_python({"watts": "x"})
    (error,) = caught.value.errors()
    branch, *rest = error["loc"]
    assert (branch in BRANCHES, rest) == (True, ["watts"])


@pytest.mark.parametrize("value, branch", [("a", WORD), (["a"], MORE), ({}, MORE), (1, MORE)])
def test_a_word_is_told_from_more(value: object, branch: str) -> None:
    """Whatever is no text is more than a word, for the model to look at."""
    assert word_or_more(value) == branch
