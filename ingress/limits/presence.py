"""This process's sign of life in Redis, and its word on how many calls it has on their way."""

import asyncio
import contextlib
import itertools
import uuid
from typing import Final

from contracts.fault import Fault
from contracts.stores.redis import RedisLink
from ingress.limits import script

# Seconds without a sign after which a process is dead, and between two signs.
_DEAD_AFTER: Final = 10
_EVERY: Final = 3.0


class Presence:
    """Counts the calls of this process by row, and says so to Redis.

    What it says is never a difference but how many there are, with a sequence number: a word that
    is lost, late or repeated does no harm, and the next one mends it.
    """

    def __init__(self, link: RedisLink, prefix: str) -> None:
        self.process = uuid.uuid4().hex[:16]
        self.living = f"{prefix}:p:"
        self._link = link
        self._calls: dict[str, int] = {}
        self._sequence = itertools.count(1)
        # Rows whose word may have got lost.
        self._unsure: set[str] = set()
        self._beating: asyncio.Task[None] | None = None
        self._words: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Presence {self.process} {sum(self._calls.values())} calls>"

    async def show(self) -> None:
        """Be seen, now and from now on; a call is counted only for a process that is."""
        if self._beating is None:
            await self._beat()
            if self._beating is None:
                self._beating = asyncio.create_task(self._go_on())

    def begin(self, row: str) -> tuple[int, int]:
        """Count a call that asks for a place; gives the sequence and the calls with this one."""
        self._calls[row] = calls = self._calls.get(row, 0) + 1
        return next(self._sequence), calls

    def end(self, row: str, *, unsure: bool = False) -> None:
        """Count a call less, and say so; ``unsure`` when nobody knows what Redis counted."""
        left = self._calls[row] - 1
        if left:
            self._calls[row] = left
        else:
            del self._calls[row]
        if unsure:
            self._unsure.add(row)
        else:
            self._tell(row)

    async def close(self) -> None:
        """Be seen no more: what is still counted for this process is free."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, *self._words, return_exceptions=True)
            with contextlib.suppress(Fault):
                await self._link.command("DEL", self.living + self.process)

    def _tell(self, row: str) -> None:
        word = asyncio.get_running_loop().create_task(self._say(row))
        self._words.add(word)
        word.add_done_callback(self._words.discard)

    async def _say(self, row: str) -> None:
        words = (self.process, next(self._sequence), self._calls.get(row, 0))
        try:
            await self._link.run(script.PLACES, [row], words)
        except Fault:
            self._unsure.add(row)

    async def _beat(self) -> None:
        await self._link.command("SET", self.living + self.process, 1, "EX", _DEAD_AFTER)

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            # Not now: then next time, and what got lost is said then too.
            with contextlib.suppress(Fault):
                await self._beat()
                while self._unsure:
                    await self._say(self._unsure.pop())
