import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from ingress.replay.ahead import ahead


async def test_items_come_in_lists_and_in_order() -> None:
    """All items come, in their order, in lists that are not too long."""
    found = [some async for some in ahead(range(7), 3)]
    assert found == [[0, 1, 2], [3, 4, 5], [6]]
    assert [some async for some in ahead(list[int]())] == []


async def test_an_iterator_may_run_a_loop_of_its_own() -> None:
    """What reads a stream blocks and runs an event loop: it is never in ours."""

    def items() -> Iterator[int]:
        for number in range(3):
            yield asyncio.run(asyncio.sleep(0, number))
            assert threading.current_thread() is not threading.main_thread()

    assert [some async for some in ahead(items(), 2)] == [[0, 1], [2]]


async def test_what_it_raises_comes_through() -> None:
    """An error of the iterator is raised where the items are awaited."""

    def items() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        async for _ in ahead(items(), 1):
            pass


async def test_leaving_waits_for_what_is_being_read() -> None:
    """Who closes it early may close the journal afterwards: no thread reads it any more."""
    go, reading = threading.Event(), [0]

    def items() -> Iterator[int]:
        yield 1
        reading[0] = 1
        go.wait(5)
        reading[0] = 0
        yield 2

    async with aclosing(ahead(items(), 1)) as lists:
        async for _ in lists:
            asyncio.get_running_loop().call_later(0.05, go.set)
            break
    assert go.is_set()
    assert reading == [0]
