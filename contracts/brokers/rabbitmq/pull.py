"""A look by hand into a queue of RabbitMQ: basic.get, on a channel of its own.

aiormq asks and reads, since this is rare. Settlements are written by us, as on
the hot path: in order, and without waiting.
"""

from collections import deque

import aio_pika
import aiormq.abc
from pamqp import commands

from contracts.brokers.port import Delivery, Message
from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.bundled import BundledDelivery, Whole, taken_apart
from contracts.brokers.rabbitmq.link import Link
from contracts.brokers.rabbitmq.plain.message import from_aio_pika
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.rare import ask
from contracts.fault import Fault


class RabbitPull:
    """Takes messages one by one."""

    def __init__(self, link: Link, channel: aiormq.abc.AbstractChannel, queue: str) -> None:
        self.queue = queue
        self._link = link
        self._channel = channel
        self._closed = False
        # What came in one message with what was taken, and those messages.
        self._parts: deque[Delivery] = deque()
        self._wholes: list[Whole] = []

    def __repr__(self) -> str:
        return f"<RabbitPull {self.queue} channel={self._channel.number}>"

    @classmethod
    async def open(cls, link: Link, queue: str) -> "RabbitPull":
        """Open the channel, and see that the queue is there."""
        channel = await link.channel()
        try:
            await ask(channel.queue_declare(queue, passive=True))
        except BaseException:
            await link.shut(channel)
            raise
        return cls(link, channel, queue)

    @property
    def live(self) -> bool:
        """Whether what was taken can still be settled."""
        return not (self._closed or self._channel.is_closed or self._link.wire.lost_because)

    async def take(self) -> Delivery | None:
        """Take the next message that is ready."""
        if not self.live:
            raise Fault("broker_down", self._link.wire.lost_because or "the channel is closed")
        if self._parts:
            return self._parts.popleft()
        # What was settled before is to be settled first.
        self._link.wire.flush()
        got = await ask(self._channel.basic_get(self.queue))
        if not isinstance(got.delivery, commands.Basic.GetOk):
            return None
        first, *more = taken_apart(PulledDelivery(self, got), read_properties)
        if isinstance(first, BundledDelivery):
            self._wholes = [whole for whole in self._wholes if whole.left]
            self._wholes.append(first.whole)
        self._parts.extend(more)
        return first

    async def close(self) -> None:
        """Close the channel: RabbitMQ puts back what is not settled."""
        if not self._closed:
            for whole in self._wholes:
                whole.let_go()
            self._closed = True
            await self._link.shut(self._channel)

    def send(self, frame: bytes) -> None:
        """Send a frame on the channel; into nothing when it is gone."""
        if self.live:
            self._link.wire.send(frame)

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish to a queue, without a confirm."""
        self.send(
            frames.publish(
                message,
                channel=self.number,
                exchange="",
                routing_key=routing_key,
                mandatory=False,
                frame_max=self._link.frame_max,
            )
        )

    @property
    def number(self) -> int:
        """The number of the channel."""
        return self._channel.number


class PulledDelivery:
    """A message taken by hand."""

    __slots__ = ("_pull", "_settled", "_tag", "message", "redelivered")

    def __init__(self, pull: RabbitPull, got: aiormq.abc.DeliveredMessage) -> None:
        self._pull = pull
        self._settled = False
        self._tag = got.delivery_tag or 0
        self.redelivered = bool(got.redelivered)
        self.message = from_aio_pika(aio_pika.IncomingMessage(got, no_ack=True))

    def __repr__(self) -> str:
        state = "settled" if self._settled else "open" if self._pull.live else "gone"
        return f"<PulledDelivery {self.queue} {self.message.correlation_id!r} {state}>"

    @property
    def queue(self) -> str:
        """The queue it came from."""
        return self._pull.queue

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish on the same channel, so before any later settlement."""
        if not self._settled:
            self._pull.publish(message, routing_key)

    def ack(self) -> None:
        """Say that the message is dealt with."""
        if not self._settled:
            self._settled = True
            self._pull.send(frames.ack(self._pull.number, self._tag))

    def reject(self, *, requeue: bool) -> None:
        """Give it back, or let it go to the dead letters."""
        if not self._settled:
            self._settled = True
            self._pull.send(frames.reject(self._pull.number, self._tag, requeue=requeue))
