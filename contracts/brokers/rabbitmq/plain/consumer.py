"""The plain way to consume: aio-pika's ``consume``, ``ack`` and ``reject``."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from contracts.brokers.call_back import call_back
from contracts.brokers.port import Message, OnDelivery, OnMessage
from contracts.brokers.rabbitmq.bundled import taken_apart
from contracts.brokers.rabbitmq.held import Held
from contracts.brokers.rabbitmq.plain.message import from_aio_pika, to_aio_pika
from contracts.brokers.rabbitmq.plain.outbox import Outbox
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.rare import ask
from contracts.brokers.rabbitmq.wire import Wire
from contracts.fault import Fault

# Seconds for saying the last words.
FLUSH: Final = 1.0


class PlainDelivery:
    """A delivery of RabbitMQ, by aio-pika."""

    __slots__ = ("_consumer", "_incoming", "_settled", "message", "redelivered")

    def __init__(self, consumer: "PlainConsumer", incoming: AbstractIncomingMessage) -> None:
        self._consumer = consumer
        self._incoming = incoming
        self._settled = False
        self.message = from_aio_pika(incoming)
        self.redelivered = bool(incoming.redelivered)

    def __repr__(self) -> str:
        state = "settled" if self._settled else "open" if self._consumer.live else "gone"
        return f"<PlainDelivery {self.queue} {self.message.correlation_id!r} {state}>"

    @property
    def queue(self) -> str:
        """The queue it came from."""
        return self._consumer.queue

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish on the delivery's own channel, so before any later settlement."""
        if not self._settled:
            self._consumer.publish(message, routing_key)

    def ack(self) -> None:
        """Say that the message is dealt with."""
        if not self._settled:
            self._settled = True
            self._consumer.settle(self._incoming.ack)

    def reject(self, *, requeue: bool) -> None:
        """Give it back, or let it go to the dead letters."""
        if not self._settled:
            self._settled = True
            self._consumer.settle(lambda: self._incoming.reject(requeue=requeue))


class PlainConsumer:
    """One consumer on a channel of its own, so that its prefetch is its own."""

    def __init__(
        self, wire: Wire, channel: AbstractChannel, queue: str, on_delivery: OnDelivery
    ) -> None:
        self.queue = queue
        self.live = True
        self.unsettled = 0
        self.on_idle: Callable[[], None] | None = None
        self._wire = wire
        self._channel = channel
        self._tag = ""
        # Before that, a closed channel is an answer to who opens it, and no loss.
        self._established = False
        self._held = Held(on_delivery, lambda: self._outbox.full)
        self._outbox = Outbox(self._held.release)

    def __repr__(self) -> str:
        return f"<PlainConsumer {self.queue} unsettled={self.unsettled}>"

    async def begin(self) -> None:
        """Start to consume; raises what aio-pika raises."""
        queue = await self._channel.get_queue(self.queue, ensure=False)
        self._channel.close_callbacks.add(self._hear_closed)
        below = await self._channel.get_underlay_channel()
        below.on_consumer_cancel_callbacks.add(self._hear_cancelled)
        self._tag = await queue.consume(self._hear)
        self._established = True

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish to a queue, without a confirm."""
        if not self.live:
            return
        made = to_aio_pika(message, routing_key)
        exchange = self._channel.default_exchange
        self._outbox.put(
            lambda: exchange.publish(made, routing_key, mandatory=False), len(message.body)
        )

    def settle(self, step: Callable[[], object]) -> None:
        """Say what settles one delivery."""
        if not self.live:
            return
        self._outbox.put(step)  # type: ignore[arg-type]  # a coroutine function of aio-pika's
        self.unsettled -= 1
        if not self.unsettled and self.on_idle is not None:
            self.on_idle()

    async def stop(self) -> None:
        """Stop deliveries."""
        # From here on a cancelled consumer is what we wanted.
        self._established = False
        below = await self._channel.get_underlay_channel()
        await ask(below.basic_cancel(self._tag))

    async def flush(self) -> None:
        """Say what is to be said, within a second."""
        await self._outbox.flush(FLUSH)
        self._outbox.clear()

    async def leave(self) -> None:
        """Close the channel."""
        self._established = False
        await self.flush()
        with suppress(Fault):
            await ask(self._close())

    async def _close(self) -> None:
        await self._channel.close()

    async def _hear(self, incoming: AbstractIncomingMessage) -> None:
        self.unsettled += 1
        for part in taken_apart(PlainDelivery(self, incoming), read_properties):
            self._held.take(part)

    def _hear_cancelled(self, _frame: object) -> None:
        if self._established:
            self._wire.lost(f"{self.queue}: the broker cancelled the consumer: its queue is gone")

    def _hear_closed(self, _channel: object, error: BaseException | None) -> None:
        if self._established:
            self._wire.lost(f"{self.queue}: {error}")


class PlainReplies:
    """The consumer of the reply queue: no settlement, so no delivery."""

    def __init__(self, wire: Wire, channel: AbstractChannel, on_message: OnMessage) -> None:
        self._wire = wire
        self._channel = channel
        self._on_message = on_message

    def __repr__(self) -> str:
        return "<PlainReplies>"

    async def begin(self, name: str) -> None:
        """Declare the queue and consume from it; raises what aio-pika raises."""
        queue = await self._channel.declare_queue(name, exclusive=True, auto_delete=True)
        self._channel.close_callbacks.add(self._hear_closed)
        below = await self._channel.get_underlay_channel()
        below.on_consumer_cancel_callbacks.add(self._hear_cancelled)
        await queue.consume(self._hear, no_ack=True)

    async def _hear(self, incoming: AbstractIncomingMessage) -> None:
        call_back(self._on_message, from_aio_pika(incoming))

    def _hear_cancelled(self, _frame: object) -> None:
        self._wire.lost("the reply queue: the broker cancelled its consumer")

    def _hear_closed(self, _channel: object, error: BaseException | None) -> None:
        self._wire.lost(f"the reply queue: {error}")
