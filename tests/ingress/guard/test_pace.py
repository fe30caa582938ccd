"""What falls due for a crowd at once is done a few at a time."""

import asyncio
from functools import partial

from ingress.guard.pace import MOST, Pace
from tests.harness.waiting import eventually


async def test_no_turn_of_the_loop_has_more_than_its_share() -> None:
    """Others have their turns between, and all is done in the order in which it came."""
    pace, done = Pace(), list[int]()
    for number in range(3 * MOST + 1):
        pace.soon(partial(done.append, number))
    assert done == []
    seen = []
    while len(done) < 3 * MOST + 1:
        await asyncio.sleep(0)
        seen.append(len(done))
    assert seen == [MOST, 2 * MOST, 3 * MOST, 3 * MOST + 1]
    assert done == sorted(done)


async def test_what_comes_of_it_waits_for_its_turn() -> None:
    """An act that gives another one does not have it done at once, nor twice, nor never."""
    pace, done = Pace(), list[str]()

    def first() -> None:
        done.append("first")
        pace.soon(lambda: done.append("second"))

    pace.soon(first)
    await asyncio.sleep(0)
    assert done == ["first"]
    assert repr(pace) == "<Pace 1 wait>"
    for _ in range(3):
        await asyncio.sleep(0)
    assert done == ["first", "second"]
    assert repr(pace) == "<Pace 0 wait>"


async def test_it_begins_anew_after_a_rest() -> None:
    """Who comes when nobody waits has the next turn."""
    pace, done = Pace(), list[int]()
    for number in range(3):
        pace.soon(partial(done.append, number))
        await asyncio.sleep(0)
        assert done == list(range(number + 1))


async def test_one_that_fails_harms_no_other() -> None:
    """The loop is told of it, and whatever stands behind it has its turn."""
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    pace, done = Pace(), list[int]()
    pace.soon(lambda: 1 / 0)
    for number in range(MOST + 1):
        pace.soon(partial(done.append, number))
    await eventually(lambda: done == list(range(MOST + 1)))
    assert len(told) == 1
    assert repr(pace) == "<Pace 0 wait>"
