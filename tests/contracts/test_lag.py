import asyncio
import io
import time
from collections.abc import Callable

import pytest

from contracts import logs
from contracts.lag import Heartbeat, report
from tests.harness.waiting import eventually

Beats = list[tuple[float, float]]


async def _beats_over(act: Callable[[], object]) -> Beats:
    """Give the beats of a loop in which ``act`` was called once."""
    beats: Beats = []
    heart = Heartbeat(lambda late, worked: beats.append((late, worked)), every=0.01)
    act()
    await eventually(lambda: len(beats) >= 2)
    heart.stop()
    return beats


def _burn() -> None:
    end = time.thread_time() + 0.15
    while time.thread_time() < end:
        pass


async def test_a_loop_that_sleeps_is_late_without_work() -> None:
    """What blocks the loop makes one beat late by as much, and uses no CPU."""
    late, worked = (await _beats_over(lambda: time.sleep(0.2)))[0]
    assert late >= 0.19 - 0.01
    assert worked < late / 2


async def test_a_loop_that_works_is_late_with_work() -> None:
    """What the loop itself computes is told by its CPU time."""
    late, worked = (await _beats_over(_burn))[0]
    assert late >= 0.14 - 0.01
    assert worked >= 0.14


async def test_it_stops() -> None:
    """After the stop no beat comes, and the repr says so."""
    beats: Beats = []
    heart = Heartbeat(lambda late, worked: beats.append((late, worked)), every=0.001)
    assert repr(heart) == "<Heartbeat every 0.001 s>"
    await eventually(lambda: beats)
    heart.stop()
    heart.stop()
    so_far = len(beats)
    await asyncio.sleep(0.02)
    assert len(beats) == so_far
    assert repr(heart) == "<Heartbeat stopped>"


@pytest.mark.parametrize(
    "late, worked, said",
    [
        (0.3, 0.29, "held up for 300 ms, by work of its own"),
        (0.3, 0.01, "held up for 300 ms, without work of its own"),
        (0.2, 0.0, None),
    ],
)
def test_a_line_says_whose_doing_it_was(late: float, worked: float, said: str | None) -> None:
    """A long hold-up is told, with its length and whether the loop worked; a short one is not."""
    log = io.StringIO()
    logs.configure(stream=log)
    report(late, worked)
    assert (said or "") in log.getvalue()
    assert log.getvalue().count("\n") == (said is not None)
