"""Who consumes from a queue, known well enough to refuse a call at once.

The broker is asked by a passive declaration, which counts the consumers. It is asked only about
queues whose routes want to know, and only while there are calls; one question at a time a queue,
however many wait for the answer. docs/decisions says why it is not the bounce of a message that
expires at once.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from contracts.brokers.port import Broker
from contracts.fault import Fault

# Seconds between two looks while calls are on their way.
EVERY: Final = 0.25
# Seconds for which it is believed that somebody is there, and that nobody is. The second is short:
# a worker that has just come is not to be overlooked for long.
BELIEVED: Final = 0.5
DOUBTED: Final = 0.1

# Hears of each look: the queue and its consumers.
OnLook = Callable[[str, int], None]


class Attendance:
    """Counts the consumers of queues.

    ``on_look(queue, consumers)`` hears of every count, on the event loop.
    """

    def __init__(self, broker: Broker, on_look: OnLook) -> None:
        self._broker = broker
        self._on_look = on_look
        self._queues: dict[str, _Watched] = {}

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {one.consumers}" for name, one in self._queues.items())
        return f"<Attendance {counts or 'of nothing'}>"

    def known(self, queue: str) -> int | None:
        """Give the consumers as they were a moment ago; ``None``: look, to know."""
        watched = self._queues.get(queue)
        if watched is None or watched.consumers is None:
            return None
        age = time.monotonic() - watched.at
        return watched.consumers if age < (BELIEVED if watched.consumers else DOUBTED) else None

    def counts(self) -> dict[str, int]:
        """Give the last count of each queue, however old, for people."""
        return {
            name: one.consumers for name, one in self._queues.items() if one.consumers is not None
        }

    async def look(self, queue: str) -> int | None:
        """Ask the broker; ``None``: it cannot tell, being away, or there is no such queue."""
        watched = self._watched(queue)
        if watched.looking is None:
            watched.looking = asyncio.get_running_loop().create_task(self._ask(queue, watched))
        # Who leaves does not take the answer from the others.
        return await asyncio.shield(watched.looking)

    def enter(self, queue: str) -> None:
        """Go on looking: one more call is on its way there."""
        watched = self._watched(queue)
        watched.calls += 1
        if watched.timer is None:
            self._wait(queue, watched)

    def leave(self, queue: str) -> None:
        """Say that a call has ended; without any there is no need to look."""
        self._watched(queue).calls -= 1

    def close(self) -> None:
        """Look no more."""
        for watched in self._queues.values():
            if watched.timer is not None:
                watched.timer.cancel()
            if watched.looking is not None:
                watched.looking.cancel()
        self._queues.clear()

    def _watched(self, queue: str) -> "_Watched":
        watched = self._queues.get(queue)
        if watched is None:
            watched = self._queues[queue] = _Watched()
        return watched

    def _wait(self, queue: str, watched: "_Watched") -> None:
        loop = asyncio.get_running_loop()
        watched.timer = loop.call_later(EVERY, self._look_again, queue, watched)

    def _look_again(self, queue: str, watched: "_Watched") -> None:
        watched.timer = None
        if watched.calls > 0:
            self._wait(queue, watched)
            if watched.looking is None:
                watched.looking = asyncio.get_running_loop().create_task(self._ask(queue, watched))

    async def _ask(self, queue: str, watched: "_Watched") -> int | None:
        try:
            stats = await self._broker.stats(queue)
        except Fault:
            stats = None
        finally:
            watched.looking = None
        watched.at = time.monotonic()
        watched.consumers = None if stats is None else stats.consumers
        if watched.consumers is not None:
            self._on_look(queue, watched.consumers)
        return watched.consumers


class _Watched:
    """What is known of one queue."""

    __slots__ = ("at", "calls", "consumers", "looking", "timer")

    def __init__(self) -> None:
        self.at = 0.0
        self.calls = 0
        self.consumers: int | None = None
        self.looking: asyncio.Task[int | None] | None = None
        self.timer: asyncio.TimerHandle | None = None
