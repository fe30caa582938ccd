"""Reads ahead in a thread: a journal blocks while it is read, and the calls must go on."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

# Read in one go: enough for some tenths of a second, little in memory.
_MANY: Final = 500


async def ahead(items: Iterable[T], many: int = _MANY) -> AsyncGenerator[list[T], None]:
    """Give the items in lists of at most ``many``; the next list is read meanwhile.

    The iterator runs in one thread at a time, never in the event loop's: it may block, and may run
    a loop of its own. Close it (``aclosing``): that waits for the list that is being read.
    """
    rest = iter(items)

    def take() -> list[T]:
        return list(islice(rest, many))

    reading = asyncio.ensure_future(asyncio.to_thread(take))
    try:
        while some := await reading:
            reading = asyncio.ensure_future(asyncio.to_thread(take))
            yield some
    finally:
        # A thread cannot be cancelled, and nobody may close the journal under it.
        await asyncio.wait([reading])
        if not reading.cancelled():
            reading.exception()
