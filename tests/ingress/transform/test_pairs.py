from typing import Any

import pytest

from ingress.transform.expression import ExpressionError
from ingress.transform.pairs import PairsChange
from ingress.transform.sections import FieldsSection

PAIRS = (("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"))


def changed(seen: Any = None, **said: Any) -> list[str]:
    change = PairsChange(FieldsSection.model_validate(said))
    return [f"{name}={value}" for name, value in change.apply(PAIRS, seen)]


def test_each_does_what_it_is_called() -> None:
    """Order and repeated names stay."""
    assert changed(remove=["a"]) == ["b=2", "c=4"]
    assert changed(rename={"a": "z"}) == ["z=1", "b=2", "z=3", "c=4"]
    assert changed(set={"a": "9"}) == ["b=2", "c=4", "a=9"]
    assert changed(add={"a": "9"}) == ["a=1", "b=2", "a=3", "c=4", "a=9"]


def test_what_goes_is_gone_before_anything_gets_its_name() -> None:
    """Remove, rename, set, add."""
    assert changed(remove=["b"], rename={"a": "b"}, set={"a": "0"}) == ["b=1", "b=3", "c=4", "a=0"]


def test_a_value_is_found_in_what_is_seen() -> None:
    """Numbers and truth are written as JSON does; where nothing is found there is no value."""
    seen = {"n": 1.5, "t": True, "s": "x"}
    found = {"x-n": {"from": "n"}, "x-t": {"from": "t"}, "a": {"from": "nothing"}}
    assert changed(seen, add=found) == ["a=1", "b=2", "a=3", "c=4", "x-n=1.5", "x-t=true"]
    assert changed(seen, set={"a": {"from": "nothing"}})[0] == "a=1"


def test_a_list_is_no_value() -> None:
    """Nobody knows how it would be written."""
    with pytest.raises(ExpressionError, match="a list or an object"):
        changed({"l": [1]}, set={"a": {"from": "l"}})


def test_it_says_whether_it_looks_at_anything() -> None:
    """What does not need the body does not have it parsed."""
    assert not PairsChange(FieldsSection.model_validate({"set": {"a": "b"}})).computes
    assert PairsChange(FieldsSection.model_validate({"add": {"a": {"from": "b"}}})).computes
