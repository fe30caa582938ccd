"""Which variant a key belongs to."""

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress.variants.choice import Choice

CALLS = 20_000
KEYS = [f"caller={number}" for number in range(CALLS)]


def shares(choice: Choice) -> dict[str, str]:
    return {key: choice.of(key) for key in KEYS}


def within(count: int, weight: float) -> bool:
    """Whether a count of all calls is within four standard deviations of its weight."""
    return abs(count - CALLS * weight) <= 4 * sqrt(CALLS * weight * (1 - weight))


@pytest.mark.parametrize("weights", [{"": 0.95, "n": 0.05}, {"": 0.5, "a": 0.3, "b": 0.2}])
def test_a_weight_is_the_share_of_the_keys(weights: dict[str, float]) -> None:
    """Within sampling error over 20,000 calls, and the same each time."""
    choice = Choice(weights)
    first, again = shares(choice), shares(Choice(dict(reversed(weights.items()))))
    assert first == again
    counts = Counter(first.values())
    assert all(within(counts[name], weight) for name, weight in weights.items())


def test_a_change_moves_only_what_must_move() -> None:
    """From 5 to 8 percent, three percent of the keys move, all of them there."""
    before = shares(Choice({"": 0.95, "n": 0.05}))
    after = shares(Choice({"": 0.92, "n": 0.08}))
    moved = [key for key in KEYS if before[key] != after[key]]
    assert {after[key] for key in moved} == {"n"}
    assert within(len(moved), 0.03)


def test_with_several_variants_hardly_more_moves() -> None:
    """Each draws for itself, so what does not change its weight keeps nearly all of its keys."""
    before = shares(Choice({"": 0.85, "a": 0.05, "b": 0.1}))
    after = shares(Choice({"": 0.80, "a": 0.1, "b": 0.1}))
    moved = sum(before[key] != after[key] for key in KEYS)
    assert CALLS * 0.05 * 0.8 < moved < CALLS * 0.05 * 1.35


def test_without_a_key_it_is_by_chance() -> None:
    """By the same weights."""
    draws = iter([0.0, 0.899, 0.9, 0.999, 1.0])
    choice = Choice({"": 0.9, "n": 0.1}, draw=lambda: next(draws))
    assert [choice.of("") for _ in range(5)] == ["", "", "n", "n", "n"]


def test_nothing_goes_where_the_weight_is_nothing() -> None:
    """All or none."""
    assert set(shares(Choice({"": 0.0, "n": 1.0})).values()) == {"n"}
    assert set(shares(Choice({"": 1.0, "n": 0.0})).values()) == {""}


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_text_is_a_key(key: str) -> None:
    """Whatever a client sends for a cookie."""
    assert Choice({"": 0.5, "n": 0.5}).of(key) in {"", "n"}
