"""What the last worker to leave does for the calls that are still in its queue.

A leaving worker gives back what it has not begun, for the others. When everything is stopped at
one moment there are no others, and the gateway, which is leaving too, waits for those calls. So who
finds that nobody consumes any more takes them out of the queue one by one and finishes them. What
nobody waits for (accepted work) stays for the next worker.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from contracts import logs
from contracts.brokers.port import Broker, Delivery, Pull
from contracts.fault import Fault

# Seconds without a call after which there will be none: a gateway that leaves sends for a moment.
QUIET: Final = 0.5
# Seconds in which what comes anew is still taken. Under a load that goes on it would never end.
OPEN: Final = 2.0
# Seconds between two looks into an empty queue.
_PAUSE: Final = 0.02

Give = Callable[[Delivery], None]


class LastCall:
    """Takes what is left in a queue, when nobody else does."""

    def __init__(self, broker: Broker, queue: str) -> None:
        self.taken = 0
        self._broker = broker
        self._queue = queue
        self._pull: Pull | None = None

    def __repr__(self) -> str:
        return f"<LastCall {self._queue} taken={self.taken}>"

    async def serve(
        self, begin: Give, give_back: Give, room: Callable[[float], Awaitable[bool]], until: float
    ) -> None:
        """Hand calls to ``begin`` until there are no more; never raises a Fault.

        ``room(until)`` waits for a free place and says whether there is one. It ends at ``until``
        (the event loop's time), when somebody else consumes again, or at the first message that
        nobody waits for, which is given back.
        """
        try:
            stats = await self._broker.stats(self._queue)
            if stats is None or stats.consumers:
                return
            self._pull = await self._broker.pull(self._queue)
            await self._serve(begin, give_back, room, until, waiting=stats.messages)
        except Fault as fault:
            logs.bind(queue=self._queue).warning("what is left cannot be taken: {}", fault)
        if self.taken:
            logs.bind(queue=self._queue).info(
                "the last worker to leave took {} calls that were left", self.taken
            )

    async def close(self) -> None:
        """Put back what is not settled: when the jobs have ended, and what they moved is there."""
        if self._pull is not None:
            await self._pull.close()

    async def _serve(
        self,
        begin: Give,
        give_back: Give,
        room: Callable[[float], Awaitable[bool]],
        until: float,
        *,
        waiting: int,
    ) -> None:
        assert self._pull is not None  # noqa: S101 - the caller opened it
        clock = asyncio.get_running_loop().time
        began = quiet_since = clock()
        while clock() < until and (self.taken < waiting or clock() < began + OPEN):
            if not await room(until):
                return
            delivery = await self._pull.take()
            if delivery is None:
                if clock() - quiet_since > QUIET or await self._is_served():
                    return
                await asyncio.sleep(_PAUSE)
            elif not delivery.message.reply_to:
                give_back(delivery)
                return
            else:
                self.taken += 1
                quiet_since = clock()
                begin(delivery)

    async def _is_served(self) -> bool:
        with suppress(Fault):
            stats = await self._broker.stats(self._queue)
            return stats is None or stats.consumers > 0
        return True
