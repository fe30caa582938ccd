"""Which lane a key belongs to."""

from collections import Counter
from math import sqrt

from ingress.affinity.hashing import digest, lane_of

KEYS = [f"path:id={number}" for number in range(20_000)]


def test_the_lanes_are_filled_alike() -> None:
    """Within four standard deviations, the same each time, and all of them."""
    counts = Counter(lane_of(key, 8) for key in KEYS)
    assert sorted(counts) == list(range(8))
    off = 4 * sqrt(len(KEYS) * (1 / 8) * (7 / 8))
    assert all(abs(count - len(KEYS) / 8) < off for count in counts.values())
    assert [lane_of(key, 8) for key in KEYS[:9]] == [lane_of(key, 8) for key in KEYS[:9]]


def test_a_lane_more_moves_keys_to_it_alone() -> None:
    """One in nine, from each of the others."""
    moved = [key for key in KEYS if lane_of(key, 8) != lane_of(key, 9)]
    assert {lane_of(key, 9) for key in moved} == {8}
    assert abs(len(moved) - len(KEYS) / 9) < 4 * sqrt(len(KEYS) / 9)


def test_any_text_has_a_lane() -> None:
    """The same in every process, whatever Python's own hash does."""
    assert digest("anna") == digest("anna")
    assert lane_of("\ud800", 1) == 0
    assert digest("") != digest("a")
