import math
import time

import pytest

from contracts.deadline import after, left, left_of, now_ms


def test_now_is_the_wall_clock() -> None:
    """Now is Unix time in milliseconds."""
    assert abs(now_ms() - time.time() * 1000) < 100


def test_a_deadline_comes_nearer() -> None:
    """What is left of a deadline in 5 s is just under 5 s."""
    assert 4.9 < left(after(5)) <= 5.001


def test_a_deadline_passes() -> None:
    """What is left of a deadline that has passed is negative."""
    assert left(after(-2)) < -1.9


def test_no_deadline() -> None:
    """Without a deadline there is all the time."""
    assert left(0) == math.inf
    assert left_of(0, None) == math.inf


@pytest.mark.parametrize(
    "seconds, expiration_ms, least, most",
    [(60, 1000, 0.99, 1.0), (1, 60_000, 0.9, 1.01), (5, None, 4.9, 5.01), (60, 0, 0, 0)],
)
def test_the_nearer_of_two_bounds(
    seconds: float, expiration_ms: int | None, least: float, most: float
) -> None:
    """A worker has no more than the message had left, however slow its clock is."""
    assert least <= left_of(after(seconds), expiration_ms) <= most
