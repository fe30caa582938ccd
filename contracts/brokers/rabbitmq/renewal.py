"""Another publishing channel in the place of one that refuses for long.

RabbitMQ refuses a message (``basic.nack``) when its queue is full. But a channel whose first
message for a quorum queue came while that queue had no leader goes on refusing for ever, also when
there has long been one (seen with 3.10: a gateway that fails over to another node of a cluster is
quick enough for that). The two look alike from here, and a fresh channel does no harm in the first
case.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from contracts.brokers.rabbitmq.hot_path import Publishing
from contracts.fault import Fault

# Seconds between the first refusal on a channel and the one that ends our patience with it.
PATIENCE: Final = 2.0
# Seconds that an old channel has for the outcomes that are still due; they come in milliseconds.
LAST_WORDS: Final = 5.0


class Renewal:
    """Watches the publishing channel in use.

    ``open_next()`` opens another one, ``use(publisher)`` takes it into use, and ``do(coroutine)``
    has something done beside.
    """

    def __init__(
        self,
        publisher: Publishing,
        *,
        open_next: Callable[[], Awaitable[Publishing]],
        use: Callable[[Publishing], None],
        do: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._open_next = open_next
        self._use = use
        self._do = do
        self._clock = asyncio.get_running_loop().time
        # When the channel in use refused for the first time.
        self._since: float | None = None
        self._renewing = False
        self._retired: set[Publishing] = set()
        self._watch(publisher)

    def __repr__(self) -> str:
        return f"<Renewal retired={len(self._retired)}{' renewing' if self._renewing else ''}>"

    def lost(self, reason: str) -> None:
        """Tell all who wait for an outcome on an old channel that nobody will ever know."""
        for publisher in self._retired:
            publisher.lost(reason)

    def _watch(self, publisher: Publishing) -> None:
        self._current = publisher
        self._since = None
        publisher.on_refused = self._hear

    def _hear(self) -> None:
        now = self._clock()
        if self._since is None:
            self._since = now
        elif now - self._since >= PATIENCE and not self._renewing:
            self._renewing = True
            self._do(self._renew())

    async def _renew(self) -> None:
        try:
            fresh = await self._open_next()
        except Fault:
            return  # the next refusal tries again
        finally:
            self._renewing = False
        old = self._current
        old.on_refused = None
        self._retired.add(old)
        self._watch(fresh)
        self._use(fresh)
        await self._retire(old)

    async def _retire(self, old: Publishing) -> None:
        end = self._clock() + LAST_WORDS
        while old.outstanding and self._clock() < end:  # noqa: ASYNC110 - rare, and it is bounded
            await asyncio.sleep(0.05)
        await old.leave()
        self._retired.discard(old)
        old.lost("its channel took nothing any more")
