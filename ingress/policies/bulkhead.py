"""Hold a route to so many calls at a time, so that one slow operation cannot take all there is.

A call over the limit waits for a place, in order and not for long, or is refused at once when too
many wait. The limit is this process's own: with several the fleet's is the sum.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Mapping
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot

OFF: Final = "off"


class Bulkhead:
    """Answers 503 ``overloaded`` above ``max_in_flight`` calls.

    ``max_waiting`` more may wait ``wait`` seconds for a place. Whatever becomes of a call that had
    a place, the place is given back, and the first that waits has it.
    """

    name = "bulkhead"
    slot = Slot.HOLD

    def __init__(self, max_in_flight: int, max_waiting: int, wait: float) -> None:
        self._max_in_flight = max_in_flight
        self._max_waiting = max_waiting
        self._wait = wait
        self._in_flight = 0
        self._queue: deque[asyncio.Future[bool]] = deque()

    def __repr__(self) -> str:
        places = f"{self._in_flight} of {self._max_in_flight} in flight"
        return f"<Bulkhead {places}, {len(self._queue)} of {self._max_waiting} waiting>"

    def admit(self, flow: Request) -> Awaitable[Reply | None] | None:
        # While somebody waits no place is free: it goes from hand to hand. So nobody overtakes.
        if self._in_flight < self._max_in_flight:
            self._in_flight += 1
            return None
        if len(self._queue) >= self._max_waiting:
            raise Fault("overloaded", "too many calls of this route are on their way")
        return self._admit_later(flow)

    def settle(self, flow: Request) -> None:  # noqa: ARG002 - the port
        self._give_back()

    def held(self) -> Mapping[str, float]:
        return {"in_flight": self._in_flight, "waiting": len(self._queue)}

    def settings(self) -> Mapping[str, Any]:
        return {
            "max_in_flight": self._max_in_flight,
            "max_waiting": self._max_waiting,
            "wait": self._wait,
        }

    async def _admit_later(self, flow: Request) -> Reply | None:
        loop = asyncio.get_running_loop()
        place: asyncio.Future[bool] = loop.create_future()
        self._queue.append(place)
        timer = loop.call_later(self._wait, _end_wait, place)
        began = time.perf_counter()
        try:
            got = await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.result():
                # It got its place in the very turn of the loop in which it left.
                self._give_back()
            raise
        finally:
            timer.cancel()
            if place in self._queue:
                self._queue.remove(place)
            # Not the gateway's work: it was made to wait.
            flow.paused += time.perf_counter() - began
        if not got:
            raise Fault("overloaded", "no place became free in time")
        return None

    def _give_back(self) -> None:
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(True)
                return
        self._in_flight -= 1


def _end_wait(place: asyncio.Future[bool]) -> None:
    if not place.done():
        place.set_result(False)


def build(asked: Mapping[str, Any]) -> Bulkhead | None:
    """Build it for a route that has a ``bulkhead``."""
    settings = asked.get("bulkhead", OFF)
    return None if settings == OFF else Bulkhead(**settings)
