"""The consuming channels: deliveries, their settlement, and replies."""

from collections.abc import Callable
from contextlib import suppress

import aiormq.abc
import msgspec

from contracts.brokers.call_back import complain
from contracts.brokers.port import Message, OnDelivery, OnMessage
from contracts.brokers.rabbitmq import bundle, frames
from contracts.brokers.rabbitmq.bundled import taken_apart
from contracts.brokers.rabbitmq.content import Content
from contracts.brokers.rabbitmq.held import Held
from contracts.brokers.rabbitmq.lane.acks import Acks
from contracts.brokers.rabbitmq.lane.bundles import Bundles
from contracts.brokers.rabbitmq.link import Link
from contracts.brokers.rabbitmq.rare import ask
from contracts.brokers.rabbitmq.shapes import ShapesReader
from contracts.brokers.rabbitmq.wire import Wire


class RabbitDelivery(msgspec.Struct, eq=False):
    """A delivery of RabbitMQ."""

    _channel: "ConsumerChannel"
    _tag: int
    message: Message
    redelivered: bool
    _settled: bool = False

    def __repr__(self) -> str:
        state = "settled" if self._settled else "open" if self._channel.live else "gone"
        return f"<RabbitDelivery {self.queue} {self.message.correlation_id!r} {state}>"

    @property
    def queue(self) -> str:
        """The queue it came from."""
        return self._channel.queue

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish on the delivery's own channel, so before any later settlement."""
        if not self._settled:
            self._channel.publish(message, routing_key)

    def ack(self) -> None:
        """Say that the message is dealt with."""
        if not self._settled:
            self._settled = True
            self._channel.ack(self._tag)

    def reject(self, *, requeue: bool) -> None:
        """Give it back, or let it go to the dead letters."""
        if not self._settled:
            self._settled = True
            self._channel.reject(self._tag, requeue=requeue)


class ConsumerChannel:
    """One consumer on a channel of its own, so that its prefetch is its own."""

    def __init__(
        self, wire: Wire, number: int, frame_max: int, queue: str, on_delivery: OnDelivery
    ) -> None:
        self.number = number
        self.queue = queue
        self.live = True
        # Before that, a closed channel is an answer to who opens it, and no loss.
        self.established = False
        self.unsettled = 0
        # Called when nothing is unsettled any more.
        self.on_idle: Callable[[], None] | None = None
        self._wire = wire
        self._frame_max = frame_max
        self.content = Content()
        self._held = Held(on_delivery, wire.crowded)
        self._read = ShapesReader().read
        self._acks = Acks(number)
        self._bundles = Bundles(number, frame_max)
        # Whether our last words of this turn are awaited.
        self._closing = False
        self._place: tuple[Link, aiormq.abc.AbstractChannel] | None = None
        self._tag = ""

    def __repr__(self) -> str:
        return f"<ConsumerChannel {self.number} {self.queue} unsettled={self.unsettled}>"

    def attach(self, link: Link, channel: aiormq.abc.AbstractChannel) -> None:
        """Take the channel's content from now on: deliveries may come before ``begun``."""
        self._place = (link, channel)
        link.take(channel, self)
        self._wire.on_writable.append(self._held.release)

    def begun(self, tag: str) -> None:
        """Take note that the broker knows the consumer now, by this tag."""
        self._tag = tag
        self.established = True

    async def stop(self) -> None:
        """Stop deliveries."""
        # From here on a cancelled consumer is what we wanted.
        self.established = False
        if self._place is not None:
            await ask(self._place[1].basic_cancel(self._tag))

    async def flush(self) -> None:
        """Do nothing: the connection flushes what is sent on it before it closes."""

    async def leave(self) -> None:
        """Close the channel."""
        if self._place is not None:
            link, channel = self._place
            with suppress(ValueError):
                self._wire.on_writable.remove(self._held.release)
            await link.shut(channel)

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish to a queue, without a confirm."""
        if not self.live:
            return
        if routing_key.endswith(bundle.SUFFIX) and len(message.body) <= bundle.LARGEST:
            self._bundles.add(message, routing_key)
            if not self._closing:
                self._close_later()
            return
        self._wire.send(
            frames.publish(
                message,
                channel=self.number,
                exchange="",
                routing_key=routing_key,
                mandatory=False,
                frame_max=self._frame_max,
            )
        )

    def ack(self, tag: int) -> None:
        """Acknowledge one delivery, behind all that this turn of the loop sends."""
        if self.live:
            self._acks.add(tag)
            if not self._closing:
                self._close_later()
            self._settle()

    def reject(self, tag: int, *, requeue: bool) -> None:
        """Give one delivery back."""
        if self.live:
            self._acks.forget(tag)
            # Its answer was first.
            self._wire.send(self._bundles.take() + frames.reject(self.number, tag, requeue=requeue))
            self._settle()

    def _close_later(self) -> None:
        self._closing = True
        self._wire.send_last(self._last_words)

    def _last_words(self) -> bytes:
        """Give the answers of this turn, and behind them the acknowledgements."""
        self._closing = False
        return self._bundles.take() + self._acks.take()

    def on_content(self, method: bytes, header: bytes, body: bytes) -> None:
        """Take a delivery."""
        tag, redelivered = frames.read_deliver(method)
        self.unsettled += 1
        message = self._read(header, body)
        delivery = RabbitDelivery(self, tag, message, redelivered)
        if message.type != bundle.TYPE:
            self._held.take(delivery)
            return
        for part in taken_apart(delivery, self._read):
            self._held.take(part)

    def on_confirm(self, method: frames.Method, payload: bytes) -> None:
        """Ignore it: nothing is confirmed on this channel."""

    def on_closed(self, reason: str) -> None:
        """Take the loss of a running consumer for that of the connection."""
        if self.established:
            self._wire.lost(f"{self.queue}: {reason}")

    def _settle(self) -> None:
        self.unsettled -= 1
        if not self.unsettled and self.on_idle is not None:
            self.on_idle()


class ReplyChannel:
    """The consumer of the reply queue: no settlement, so no delivery."""

    def __init__(self, wire: Wire, on_message: OnMessage) -> None:
        self._wire = wire
        self._on_message = on_message
        self.content = Content()
        self._read = ShapesReader().read

    def __repr__(self) -> str:
        return "<ReplyChannel>"

    def on_content(self, method: bytes, header: bytes, body: bytes) -> None:  # noqa: ARG002 - nothing in it is of interest
        """Take a reply, or many."""
        if bundle.is_answers(header):
            self._take_apart(body)
            return
        self._hear(self._read(header, body))

    def _take_apart(self, body: bytes) -> None:
        """Take the replies of a bundle. What is in it, the broker has not checked.

        What is damaged is an answer to nobody, and counted as one.
        """
        try:
            for header, content in bundle.split(body):
                self._hear(self._read(header, content))
        except (ValueError, IndexError, frames.StructError):
            self._hear(Message(type=bundle.TYPE))

    def _hear(self, message: Message) -> None:
        try:
            self._on_message(message)
        except Exception as error:  # noqa: BLE001 - as call_back has it, at half its price
            complain(self._on_message, error)

    def on_confirm(self, method: frames.Method, payload: bytes) -> None:
        """Ignore it: nothing is confirmed on this channel."""

    def on_closed(self, reason: str) -> None:
        """Take the loss of the queue for that of the connection."""
        self._wire.lost(f"the reply queue: {reason}")
