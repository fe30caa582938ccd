"""Publishing to a named exchange, which may not be there.

RabbitMQ answers a publish to a missing exchange by closing the channel, and
with it go the outcomes of everybody else. So an exchange is looked for, on a
channel of its own, before the first message of an epoch goes to it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from contracts.brokers.call_back import call_back
from contracts.brokers.port import Message, OnOutcome
from contracts.fault import Fault

# Messages that may wait for one exchange to be found.
MAX_WAITING: Final = 1000

Look = Callable[[str], Awaitable[None]]
Publish = Callable[[Message, str, str, OnOutcome | None], None]
Waiting = tuple[Message, str, OnOutcome | None]


class Exchanges:
    """The exchanges that were seen in this epoch."""

    def __init__(self, look: Look, publish: Publish) -> None:
        self._look = look
        self._publish = publish
        self._seen: set[str] = set()
        self._waiting: dict[str, list[Waiting]] = {}
        self._looking: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Exchanges seen={sorted(self._seen)} waiting={sorted(self._waiting)}>"

    def publish(
        self, message: Message, routing_key: str, exchange: str, on_outcome: OnOutcome | None
    ) -> None:
        """Publish now, or as soon as the exchange is found."""
        if exchange in self._seen:
            self._publish(message, routing_key, exchange, on_outcome)
            return
        waiting = self._waiting.get(exchange)
        if waiting is None:
            self._waiting[exchange] = waiting = []
            task = asyncio.get_running_loop().create_task(self._find(exchange))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)
        if len(waiting) >= MAX_WAITING:
            raise Fault("broker_blocked", f"too many wait for exchange {exchange}")
        waiting.append((message, routing_key, on_outcome))

    def lost(self, reason: str) -> None:
        """Tell all who wait that nothing was sent."""
        everybody, self._waiting = self._waiting, {}
        for waiting in everybody.values():
            for _, _, on_outcome in waiting:
                _tell(on_outcome, Fault("broker_down", reason))

    async def _find(self, exchange: str) -> None:
        fault = None
        try:
            await self._look(exchange)
            self._seen.add(exchange)
        except Fault as why:
            fault = why
        for message, routing_key, on_outcome in self._waiting.pop(exchange, ()):
            if fault is not None:
                _tell(on_outcome, fault)
                continue
            try:
                self._publish(message, routing_key, exchange, on_outcome)
            except Fault as refusal:
                _tell(on_outcome, refusal)


def _tell(on_outcome: OnOutcome | None, fault: Fault) -> None:
    if on_outcome is not None:
        call_back(on_outcome, fault)
