from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress.limits.rate import Rate
from ingress.limits.windows import GRAINS, Calendar, Sliding

_BEGIN = 1_764_000_000_000

# Milliseconds between two calls; the clock may be set back, too.
_FORWARD = st.integers(0, 3000)
_STEPS = st.lists(st.one_of(_FORWARD, _FORWARD, st.integers(-5000, -1)), max_size=200)


class _Naive:
    """All moments of all calls, and nothing clever."""

    def __init__(self, calls: int, length: int) -> None:
        self.calls = calls
        self.length = length
        self.moments: list[int] = []

    def within(self, now: int) -> int:
        return sum(now - moment <= self.length for moment in self.moments)


@given(calls=st.integers(1, 30), seconds=st.integers(1, 5), steps=st.lists(_FORWARD, max_size=200))
@settings(deadline=None)
def test_a_small_limit_is_exact(calls: int, seconds: int, steps: list[int]) -> None:
    """Up to 64 calls it passes and refuses as a list of all moments would, at each moment."""
    window, naive = Sliding("x", Rate(calls, seconds)), _Naive(calls, seconds * 1000)
    buffer, now = bytearray(window.size), _BEGIN
    for step in steps:
        now += step
        count = window.look(buffer, 0, now)
        assert count[0] == naive.within(now)
        if count[0] < calls:
            window.take(buffer, 0, now, count)
            naive.moments.append(now)
        elif count[0]:
            # The moment that is told is the first at which a call passes again.
            reset = now + count[1]
            assert naive.within(reset) < calls
            assert naive.within(reset - 1) == calls


@given(calls=st.integers(65, 500), steps=st.lists(st.integers(0, 200), min_size=50, max_size=400))
@settings(max_examples=30, deadline=None)
def test_a_large_limit_is_never_exceeded(calls: int, steps: list[int]) -> None:
    """Above 64 no window ever holds more, and less than one part in 64 is given back late."""
    window, naive = Sliding("x", Rate(calls, 5)), _Naive(calls, 5000)
    buffer, now = bytearray(window.size), _BEGIN
    for step in steps:
        now += step
        for _ in range(8):
            count = window.look(buffer, 0, now)
            true = naive.within(now)
            assert true <= count[0] < true + 2 * window.grain
            if count[0] < calls:
                window.take(buffer, 0, now, count)
                naive.moments.append(now)
        assert naive.within(now) <= calls


@pytest.mark.parametrize("calls", [1, 2, 64, 65, 127, 1000, 1009])
@pytest.mark.parametrize("pace", [1, 7, 200])
def test_who_hammers_gets_exactly_the_limit_in_each_window(calls: int, pace: int) -> None:
    """However much more comes, exactly so many pass in one window after another."""
    window = Sliding("x", Rate(calls, 60))
    buffer, passed = bytearray(window.size), [0, 0, 0, 0, 0]
    # So many at each millisecond, in the first two seconds of each window and some more.
    for number in range(5):
        for tick in range(2500 if pace < 200 else 100):
            now = _BEGIN + 60_000 * number + tick
            for _ in range(pace):
                count = window.look(buffer, 0, now)
                if count[0] < calls:
                    window.take(buffer, 0, now, count)
                    passed[number] += 1
    assert passed == [calls] * 5


@given(calls=st.integers(1, 200), steps=_STEPS)
@settings(deadline=None)
def test_a_clock_that_is_set_back_lets_no_more_pass(calls: int, steps: list[int]) -> None:
    """In real time, too, no window holds more than the limit, and none waits longer than one."""
    window = Sliding("x", Rate(calls, 3))
    naive = _Naive(calls, 3000)
    buffer, real, clock = bytearray(window.size), _BEGIN, _BEGIN
    for step in steps:
        # Real time never goes back; what the clock says may.
        real += max(0, step)
        clock += step
        for _ in range(calls // 4 + 1):
            count = window.look(buffer, 0, clock)
            assert count[1] <= 3001 + 1000
            if count[0] < calls:
                window.take(buffer, 0, clock, count)
                naive.moments.append(real)
        # Where time stood still for less than a second a call may leave its window that much early.
        naive.length = 3000 - 1000 * sum(-1000 <= s < 0 for s in steps)
        assert naive.length <= 0 or naive.within(real) <= calls


def test_it_knows_bytes_that_are_not_its_own() -> None:
    """What another window left behind counts for nothing."""
    buffer = bytearray(b"\xff" * Sliding.LARGEST)
    window = Sliding("x", Rate(5, 1), roomy=True)
    assert window.look(buffer, 0, _BEGIN)[0] == 0
    window.take(buffer, 0, _BEGIN, window.look(buffer, 0, _BEGIN))
    assert window.look(buffer, 0, _BEGIN)[0] == 1
    assert Sliding("x", Rate(6, 1), roomy=True).look(buffer, 0, _BEGIN)[0] == 0
    day = Calendar("x", 5, "day")
    assert day.look(buffer, 0, _BEGIN)[0] == 0


@given(
    calls=st.sampled_from([1, 2, 30, 64, 65, 127, 1009]),
    steps=st.lists(st.tuples(st.integers(-5000, 3000), st.integers(1, 60)), max_size=60),
)
@settings(deadline=None)
def test_to_draw_is_to_look_and_to_take(calls: int, steps: list[tuple[int, int]]) -> None:
    """In one go, with the same bytes after it and the same to tell."""
    window, period = Sliding("x", Rate(calls, 3)), Calendar("x", calls, "day")
    words = memoryview(bytearray(8)).cast("Q")
    for one in (window, period):
        drawn, looked, now = bytearray(one.size), bytearray(one.size), _BEGIN
        for step, times in steps:
            now += step * (1 if one is window else 10_000)
            for _ in range(times):
                count = one.look(looked, 0, now)
                found = one.draw(drawn, 0, now, words, 0)
                assert (found is None) == (count[0] >= calls)
                if found is not None:
                    gone = one.take(looked, 0, now, count)
                    seconds = min((count[1] + 999) // 1000, one.seconds)
                    assert (*found, words[0]) == (calls - count[0] - 1, seconds, gone)
                assert drawn == looked


def test_it_takes_little_room() -> None:
    """However large the limit, a window takes less than 300 bytes."""
    assert Sliding("x", Rate(3, 1)).size == 20 + 4 * 3
    assert Sliding("x", Rate(10**9, 86_400)).size == Sliding.LARGEST == 20 + 4 * GRAINS
    assert repr(Sliding("x", Rate(3, 60))) == "<Sliding x 3 in 60 s>"


def _moment(*words: int) -> int:
    return int(datetime(*words, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    "unit, now, end",
    [
        ("day", (2026, 2, 28, 23, 59, 59), (2026, 3, 1)),
        ("day", (2026, 3, 1), (2026, 3, 2)),
        ("month", (2026, 12, 31, 23, 59), (2027, 1, 1)),
        ("month", (2024, 2, 29), (2024, 3, 1)),
        ("month", (2026, 1, 31), (2026, 2, 1)),
    ],
)
def test_a_period_ends_with_the_calendar(
    unit: str, now: tuple[int, ...], end: tuple[int, ...]
) -> None:
    """Days and months end at midnight, UTC, whatever their length."""
    assert Calendar("x", 1, unit).end(_moment(*now)) == _moment(*end)


@given(
    unit=st.sampled_from(["day", "month"]),
    steps=st.lists(st.integers(-(10**8), 10**9), max_size=50),
)
@settings(deadline=None)
def test_a_quota_is_exact(unit: str, steps: list[int]) -> None:
    """It counts by day or month as a dict would, and a clock set back gives nothing back."""
    window = Calendar("x", 3, unit)
    buffer, now, latest, used = bytearray(window.size), _BEGIN, 0, 0
    for step in steps:
        now += step
        end = window.end(now)
        # What was used stays used until the period ends in which the last call was counted.
        used = used if now < latest else 0
        count = window.look(buffer, 0, now)
        assert (count[0], count[1]) == (used, end - now)
        if used < 3:
            window.take(buffer, 0, now, count)
            used, latest = used + 1, end


@pytest.mark.parametrize("calls", [3, 130])
def test_what_was_long_ago_does_not_come_back(calls: int) -> None:
    """Moments are kept as 32 bits: after 49.7 days they look like those of today."""
    window = Sliding("x", Rate(calls, 5))
    buffer = bytearray(window.size)
    for _ in range(calls - 1):
        window.take(buffer, 0, _BEGIN, window.look(buffer, 0, _BEGIN))
    assert window.look(buffer, 0, _BEGIN)[0] == calls - 1
    assert window.look(buffer, 0, _BEGIN + 2**32)[0] == 0
