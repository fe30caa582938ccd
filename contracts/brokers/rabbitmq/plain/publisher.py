"""The plain way to publish: aio-pika's ``publish``, one task a message."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractChannel

from contracts.brokers.call_back import call_back
from contracts.brokers.port import Message, OnOutcome
from contracts.brokers.rabbitmq.plain.message import to_aio_pika
from contracts.brokers.rabbitmq.rare import ask, refusal
from contracts.brokers.rabbitmq.wire import MAX_UNSENT, Wire
from contracts.fault import Fault


class PlainPublisher:
    """Publishes on one channel in confirm mode, without ever waiting."""

    def __init__(self, wire: Wire, channel: AbstractChannel) -> None:
        self._wire = wire
        self._channel = channel
        self._exchanges: dict[str, aio_pika.abc.AbstractExchange] = {"": channel.default_exchange}
        # Tasks start in the order in which they are made, so the order of publishing is kept.
        self._outstanding: dict[asyncio.Task[Any], tuple[OnOutcome | None, int]] = {}
        # Bytes of bodies that are not confirmed: aiormq does not tell which of them are sent.
        self._unconfirmed = 0
        self.on_refused: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<PlainPublisher outstanding={len(self._outstanding)}>"

    @property
    def outstanding(self) -> int:
        """How many outcomes are still due."""
        return len(self._outstanding)

    async def leave(self) -> None:
        """Close the channel; never raises."""
        # It is we who close it: that is no loss.
        self._channel.close_callbacks.discard(self._hear_closed)
        with suppress(Fault):
            await ask(self._close())

    async def begin(self) -> None:
        """Hear of the loss of the channel."""
        self._channel.close_callbacks.add(self._hear_closed)

    def publish(
        self, message: Message, routing_key: str, exchange: str, on_outcome: OnOutcome | None
    ) -> None:
        """Send a message, and tell ``on_outcome`` what became of it."""
        if self._unconfirmed > MAX_UNSENT:
            raise Fault("broker_blocked", "the broker reads more slowly than we write")
        made = to_aio_pika(message, routing_key)
        # Nobody to tell means nothing to return.
        sending = self._send(made, routing_key, exchange, mandatory=on_outcome is not None)
        task = asyncio.get_running_loop().create_task(sending)
        self._outstanding[task] = (on_outcome, len(message.body))
        self._unconfirmed += len(message.body)
        task.add_done_callback(self._settle)

    def lost(self, reason: str) -> None:
        """Tell all who wait that nobody will ever know."""
        outstanding, self._outstanding = self._outstanding, {}
        for task, (on_outcome, _) in outstanding.items():
            task.cancel()
            if on_outcome is not None:
                call_back(on_outcome, Fault("broker_down", reason, not_run=False))

    async def _send(
        self, message: aio_pika.Message, routing_key: str, exchange: str, *, mandatory: bool
    ) -> object:
        place = self._exchanges.get(exchange)
        if place is None:
            place = await self._channel.get_exchange(exchange, ensure=False)
            self._exchanges[exchange] = place
        return await place.publish(message, routing_key, mandatory=mandatory)

    async def _close(self) -> None:
        await self._channel.close()

    def _settle(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        on_outcome, size = self._outstanding.pop(task, (None, 0))
        self._unconfirmed -= size
        if on_outcome is not None:
            call_back(on_outcome, _outcome(task, error))
        if self.on_refused is not None and isinstance(error, aiormq.exceptions.DeliveryError):
            self.on_refused()

    def _hear_closed(self, _channel: object, error: BaseException | None) -> None:
        """Take the loss of the channel for that of the connection: all starts anew."""
        self._wire.lost(str(error) or "the publishing channel was closed")


def _outcome(task: asyncio.Task[Any], error: BaseException | None) -> Fault | None:
    if isinstance(error, aiormq.exceptions.DeliveryError):
        return refusal()
    if error is not None or task.cancelled():
        return Fault("broker_down", str(error or "the connection was lost"), not_run=False)
    result = task.result()
    if isinstance(result, aiormq.abc.DeliveredMessage):
        exchange, key = result.exchange, result.routing_key
        where = f"exchange {exchange}" if exchange else f"queue {key}"
        return Fault("no_route", f"no queue takes it: {where}")
    return None
