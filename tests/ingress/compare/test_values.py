from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.compare.rules import Rules
from ingress.compare.values import MOST, differences, shown

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


def told(left: Any, right: Any, **rules: Any) -> list[str]:
    return [f"{one.path} {one.kind}" for one in differences(left, right, Rules(**rules))]


@pytest.mark.parametrize(
    "left, right, expected",
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": 2}, ["$.a changed"]),
        ({"a": 1}, {"a": "1"}, ["$.a type"]),
        ({"a": 1}, {"a": True}, ["$.a type"]),
        ([1, 0], [True, False], ["$[*] type", "$[*] type"]),
        ({"a": None}, {}, ["$.a missing"]),
        ({}, {"a": None}, ["$.a added"]),
        ([1, 2], [1], ["$[*] missing"]),
        ([1], [1, 2], ["$[*] added"]),
        ([1, 2], [2, 1], ["$[*] changed", "$[*] changed"]),
        ({"a": [{"b c": 1}]}, {"a": [{"b c": 2}]}, ['$.a[*]["b c"] changed']),
        ({}, [], ["$ type"]),
        ("a", "b", ["$ changed"]),
    ],
)
def test_each_difference_is_told_with_its_place(left: Any, right: Any, expected: list[str]) -> None:
    """Values, types, and what is missing or added are told by path, items of lists as one."""
    assert told(left, right) == expected


def test_what_is_ignored_is_not_looked_at() -> None:
    """An ignored path is left alone with all below it."""
    left, right = {"a": {"b": 1}, "c": 1, "at": 1}, {"a": {"b": 2}, "c": 1}
    assert told(left, right, ignore=["$.a", "$..at"]) == []
    assert told(left, right, ignore=["$.a.x"]) == ["$.a.b changed", "$.at missing"]


def test_near_numbers_are_the_same() -> None:
    """With a tolerance numbers may be apart, and texts may not."""
    assert told([1.0, "1.0"], [1.001, "1.001"], tolerance=["0.01"]) == ["$[*] changed"]


def test_the_order_of_a_list_may_mean_nothing() -> None:
    """Items of an unordered list are paired by what they are, what is ignored left aside."""
    left = {"tags": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]}
    right = {"tags": [{"id": 9, "n": "b"}, {"id": 8, "n": "a"}]}
    rules = {"ignore": ["$.tags[*].id"], "unordered": ["$.tags"]}
    assert told(left, right, **rules) == []
    right["tags"][0]["n"] = "c"
    assert told(left, right, **rules) == ["$.tags[*].n changed"]
    assert told(list(range(500)), list(range(500))[::-1], unordered=["$"]) == []
    assert told([3, 1, 2], [1, 2], unordered=["$"]) == ["$[*] missing"]


def test_no_body_fills_the_report() -> None:
    """At most a thousand differences of one body are told, however deep and long it is."""
    assert len(told([1] * 5000, [2] * 5000)) == MOST
    deep, other = 1, 2
    for _ in range(900):
        deep, other = [deep], [other]  # type: ignore[assignment]
    assert len(told(deep, other)) == 1


def test_a_value_is_shown_short() -> None:
    """A long value ends in an ellipsis."""
    assert shown({"a": 1}) == '{"a":1}'
    assert len(shown("x" * 999)) == 200


@given(JSON)
def test_a_value_is_like_itself(value: Any) -> None:
    """Nothing differs from itself, whatever the rules."""
    assert told(value, value) == []
    assert told(value, value, unordered=["$", "$..*", "$..[*]"]) == []


@given(JSON, JSON)
def test_both_sides_see_the_same(left: Any, right: Any) -> None:
    """Turned round, as much differs, and what was missing is added."""
    turn = {"missing": "added", "added": "missing"}
    there = [line.rsplit(" ", 1) for line in told(left, right)]
    back = [line.rsplit(" ", 1) for line in told(right, left)]
    assert sorted([path, turn.get(kind, kind)] for path, kind in there) == sorted(back)
