"""What a route asks of a request beside its method and path."""

import pytest

from ingress.routing.asked import Sketch
from ingress.routing.conditions import ALWAYS, Conditions, may_both_fit

BETA = Conditions(headers=(("x-beta", "1"),))
ANY_BETA = Conditions(headers=(("x-beta", "*"),))
CSV = Conditions(query=(("format", "csv"),))
JSON = Conditions(media=("application/json",))
IMAGE = Conditions(media=("image/*",))


@pytest.mark.parametrize(
    "when, fields, query, fits",
    [
        (BETA, [("x-beta", "1")], "", True),
        (BETA, [("x-beta", "0"), ("x-beta", "1")], "", True),
        (BETA, [("x-beta", "11")], "", False),
        (BETA, [], "", False),
        (ANY_BETA, [("x-beta", "")], "", True),
        (CSV, [], "a=b&format=csv", True),
        (CSV, [], "form%61t=%63sv", True),
        (CSV, [], "format=CSV", False),
        (CSV, [], "xformat=csv", False),
        (Conditions(query=(("debug", "*"),)), [], "debug", True),
        (JSON, [("content-type", "Application/JSON; charset=utf-8")], "", True),
        (JSON, [("content-type", "application/json5")], "", False),
        (JSON, [], "", False),
        (IMAGE, [("content-type", "image/png")], "", True),
        (IMAGE, [("content-type", "imagex/png")], "", False),
        (Conditions(headers=BETA.headers, query=CSV.query), [("x-beta", "1")], "", False),
        (Conditions(headers=BETA.headers, query=CSV.query), [("x-beta", "1")], "format=csv", True),
    ],
)
def test_all_conditions_have_to_hold(
    when: Conditions, fields: list[tuple[str, str]], query: str, *, fits: bool
) -> None:
    """A header's value exactly, a query's decoded, a media type without case and parameters."""
    assert when.test()(Sketch(tuple(fields), query)) is fits


def test_who_asks_for_more_comes_first_unless_a_priority_says_otherwise() -> None:
    """Priority, then the number of conditions, then a value before any value."""
    both = Conditions(headers=BETA.headers, query=CSV.query)
    high = Conditions(headers=ANY_BETA.headers, priority=1)
    assert sorted([ANY_BETA, both, high, BETA], key=lambda one: one.rank, reverse=True) == [
        high,
        both,
        BETA,
        ANY_BETA,
    ]
    assert JSON.rank > IMAGE.rank


@pytest.mark.parametrize(
    "one, other, both",
    [
        (BETA, Conditions(headers=(("x-beta", "2"),)), False),
        (BETA, ANY_BETA, True),
        (BETA, CSV, True),
        (CSV, Conditions(query=(("format", "xml"),)), False),
        (JSON, IMAGE, False),
        (IMAGE, Conditions(media=("image/png",)), True),
        (JSON, BETA, True),
    ],
)
def test_two_values_of_one_name_exclude_each_other(
    one: Conditions, other: Conditions, *, both: bool
) -> None:
    """And so do two content types; all else may come together."""
    assert may_both_fit(one, other) is both
    assert may_both_fit(other, one) is both


def test_they_are_written_as_they_are_meant() -> None:
    """For names of routes and for people."""
    both = Conditions(headers=BETA.headers, query=CSV.query, media=("a/b", "c/*"))
    assert str(both) == "x-beta: 1, ?format=csv, a/b or c/*"
    assert (str(ALWAYS), ALWAYS.asks) == ("", False)
