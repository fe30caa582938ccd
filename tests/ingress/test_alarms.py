import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.alarms import RESOLUTION, Alarms
from tests.harness.waiting import eventually


class Bell:
    """Keeps when each future was rung for."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.rung: dict[asyncio.Future[Any], float] = {}
        self.alarms = Alarms(self.ring)
        self.numbers = iter(range(10_000))

    def ring(self, future: asyncio.Future[Any]) -> None:
        self.rung[future] = self.loop.time()

    def set(self, seconds: float) -> asyncio.Future[Any]:
        future = self.loop.create_future()
        self.alarms.bucket(seconds)[next(self.numbers)] = future
        return future


async def test_each_rings_at_its_time() -> None:
    """Never before, in whatever order they were set, and not much later on an idle machine."""
    bell = Bell()
    began = bell.loop.time()
    due = {bell.set(seconds): seconds for seconds in (0.08, 0.01, 0.03, 0.0301, 0.0)}
    await eventually(lambda: len(bell.rung) == len(due))
    for future, seconds in due.items():
        # A clock that is read once a turn of the loop may be a millisecond behind.
        assert seconds - 0.001 <= bell.rung[future] - began
    assert list(bell.rung) == sorted(due, key=lambda future: due[future])
    assert repr(bell.alarms) == "<Alarms 0 in 0 buckets>"


async def test_what_is_taken_out_does_not_ring() -> None:
    """A call that ended in time is not rung for, and its neighbours are."""
    bell = Bell()
    bucket = bell.alarms.bucket(0.01)
    bucket[1], bucket[2] = bell.loop.create_future(), bell.loop.create_future()
    kept = bucket[2]
    del bucket[1]
    await eventually(lambda: bell.rung)
    assert list(bell.rung) == [kept]


async def test_one_timer_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand calls that end within the same milliseconds take few timers."""
    bell, timers = Bell(), list[object]()
    call_at = bell.loop.call_at
    monkeypatch.setattr(bell.loop, "call_at", lambda *args: timers.append(call_at(*args)))
    for _ in range(1000):
        bell.alarms.bucket(3600)[next(bell.numbers)] = bell.loop.create_future()
    assert 1 <= len(timers) <= 0.2 / RESOLUTION


@given(st.lists(st.floats(0, 2), max_size=30), st.lists(st.floats(0, 0.3), max_size=20))
def test_late_by_a_bucket_at_most(timeouts: list[float], steps: list[float]) -> None:
    """Whatever the clock does in between, none rings early, and none later than allowed."""
    loop = _Loop()
    rung: dict[Any, float] = {}
    alarms = Alarms(lambda future: rung.__setitem__(future, loop.now))
    alarms._loop = loop  # type: ignore[assignment]
    due: dict[int, float] = {}
    for number, seconds in enumerate(timeouts):
        alarms.bucket(seconds)[number] = number  # type: ignore[assignment]
        due[number] = loop.now + seconds
    for step in steps:
        loop.go(step)
        for number, when in due.items():
            if number not in rung:
                assert loop.now <= when + RESOLUTION
            else:
                assert rung[number] >= when - RESOLUTION / 2


class _Loop:
    """As much of a loop as alarms need, with a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[_Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Any, *args: Any) -> "_Timer":
        self.timers.append(_Timer(when, callback, args))
        return self.timers[-1]

    def go(self, step: float) -> None:
        end = self.now + step
        while ready := [t for t in self.timers if not t.off and t.when <= end]:
            timer = min(ready, key=lambda t: t.when)
            timer.off, self.now = True, max(self.now, timer.when)
            timer.callback(*timer.args)
        self.now = end


class _Timer:
    def __init__(self, when: float, callback: Any, args: Any) -> None:
        self.when, self.callback, self.args, self.off = when, callback, args, False

    def cancel(self) -> None:
        self.off = True
