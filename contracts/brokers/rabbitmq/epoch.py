"""One epoch: from a connection that is made to its loss.

Everything that lives on a connection belongs to an epoch and ends with it:
two connections, their channels, the consumers, the reply queue, the
deliveries and the outcomes still awaited. Nothing is repaired inside an
epoch. The next one begins with fresh connections and a fresh name for the
reply queue, so nothing has to be fought for with a half-dead connection.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import uuid4

import aiormq.abc
from yarl import URL

from contracts.brokers.limits import queue_name
from contracts.brokers.port import (
    TOPIC,
    Message,
    OnDelivery,
    OnMessage,
    OnOutcome,
    OnRefused,
    Queue,
    QueueStats,
)
from contracts.brokers.rabbitmq.exchanges import Exchanges
from contracts.brokers.rabbitmq.hot_path import Asking, Consuming, HotPath, Publishing
from contracts.brokers.rabbitmq.link import Link
from contracts.brokers.rabbitmq.pull import RabbitPull
from contracts.brokers.rabbitmq.rare import ask, closed_because
from contracts.brokers.rabbitmq.renewal import Renewal
from contracts.fault import Fault

T = TypeVar("T")


class Epoch:
    """Two connections and what lives on them."""

    def __init__(
        self, path: HotPath, publishing: Link, consuming: Link, publisher: Publishing
    ) -> None:
        self.reply_queue = ""
        # Called once, at the end.
        self.on_end: Callable[[str], None] | None = None
        # Called with the reason, and with "" when it is over.
        self.on_blocked: Callable[[str], None] | None = None
        self._path = path
        self._publishing = publishing
        self._consuming = consuming
        self._publisher = publisher
        self._renewal = Renewal(
            publisher,
            open_next=lambda: path.publisher(publishing),
            use=self._use,
            do=self._do,
        )
        self._exchanges = Exchanges(self._channel_for_exchanges, self._publish_now)
        self._asker: Asking | None = None
        self._consumers: list[Consuming] = []
        self._blocked: dict[Link, str] = {}
        self._chores: set[asyncio.Task[None]] = set()
        self.ended = ""
        for link in (publishing, consuming):
            link.wire.on_lost = self.end
            link.wire.on_blocked = lambda reason, link=link: self._hear_blocked(link, reason)

    def __repr__(self) -> str:
        state = self.ended or "open"
        return f"<Epoch {state} {self._publisher!r} consumers={len(self._consumers)}>"

    @classmethod
    async def open(cls, url: URL, name: str, path: HotPath) -> "Epoch":
        """Make both connections; raises Fault ``broker_down`` with the reason."""
        publishing, consuming = await _both(
            Link.open(url, f"{name} publish"), Link.open(url, f"{name} consume")
        )
        try:
            publisher = await path.publisher(publishing)
            epoch = cls(path, publishing, consuming, publisher)
            lost = publishing.wire.lost_because or consuming.wire.lost_because
            if lost:
                raise Fault("broker_down", lost)
            return epoch
        except BaseException:
            await asyncio.gather(publishing.close(), consuming.close())
            raise

    def end(self, reason: str) -> None:
        """End the epoch: nothing that belongs to it can be used any more."""
        if self.ended:
            return
        self.ended = reason
        self.reply_queue = ""
        for consumer in self._consumers:
            consumer.live = False
        if self.on_end is not None:
            self.on_end(reason)
        self._exchanges.lost(reason)
        self._publisher.lost(reason)
        self._renewal.lost(reason)
        if self._asker is not None:
            self._asker.lost(reason)

    async def dispose(self) -> None:
        """Close both connections; never raises."""
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*(consumer.flush() for consumer in self._consumers))
        await asyncio.gather(self._publishing.close(), self._consuming.close())

    def kill(self) -> None:
        """Cut both connections without a word: a test kit's sudden death."""
        self._publishing.wire.abort()
        self._consuming.wire.abort()

    def publish(
        self, message: Message, routing_key: str, exchange: str, on_outcome: OnOutcome | None
    ) -> None:
        """Publish, with an outcome."""
        if exchange:
            self._exchanges.publish(message, routing_key, exchange, on_outcome)
        else:
            self._publisher.publish(message, routing_key, exchange, on_outcome)

    def _publish_now(
        self, message: Message, routing_key: str, exchange: str, on_outcome: OnOutcome | None
    ) -> None:
        self._publisher.publish(message, routing_key, exchange, on_outcome)

    def _use(self, publisher: Publishing) -> None:
        self._publisher = publisher

    async def declare(self, queue: Queue) -> None:
        """Declare a queue, or look whether it is there."""

        async def declare(channel: aiormq.abc.AbstractChannel) -> None:
            await channel.queue_declare(
                queue.name,
                passive=queue.passive,
                durable=queue.durable,
                auto_delete=queue.auto_delete,
                arguments=None if queue.passive else _arguments(queue),
            )

        await self._briefly(declare)

    async def declare_again(self, queues: Iterable[Queue]) -> None:
        """Declare what was declared before."""
        for queue in queues:
            try:
                await self.declare(queue)
            except Fault as fault:
                # Made with other settings by somebody meanwhile, or the node of the cluster that it
                # lives on is away: it is there, that will do. Who consumes from it hears of the
                # latter when he begins; a dead-letter queue can wait.
                if fault.code not in {"conflict", "no_route"}:
                    raise

    async def stats(self, queue: str) -> QueueStats | None:
        """Count a queue's messages and consumers."""

        async def count(channel: aiormq.abc.AbstractChannel) -> QueueStats:
            counted = await channel.queue_declare(queue, passive=True)
            return QueueStats(counted.message_count or 0, counted.consumer_count or 0)

        try:
            return await self._briefly(count)
        except Fault as fault:
            if fault.code == "no_route":
                return None
            raise

    async def delete(self, queue: str) -> None:
        """Delete a queue; RabbitMQ does not mind when it is not there."""

        async def delete(channel: aiormq.abc.AbstractChannel) -> None:
            await channel.queue_delete(queue)

        await self._briefly(delete)

    async def consume(self, queue: str, on_delivery: OnDelivery, prefetch: int) -> Consuming:
        """Start a consumer on a channel of its own."""
        consumer = await self._path.consumer(self._consuming, queue, on_delivery, prefetch)
        self._consumers.append(consumer)
        return consumer

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back after the deliveries that came together."""
        self._consuming.wire.soon(callback)

    async def pull(self, queue: str) -> RabbitPull:
        """Begin to take messages by hand; it ends with its connection."""
        return await RabbitPull.open(self._consuming, queue)

    async def cancel(self, consumer: Consuming) -> None:
        """Stop a consumer; its channel stays until the last delivery is settled."""
        if consumer not in self._consumers or not consumer.live:
            return
        with suppress(Fault):
            await consumer.stop()
        if consumer.unsettled:
            consumer.on_idle = lambda: self._do(self._retire(consumer))
        else:
            await self._retire(consumer)

    def ask(self, message: Message, routing_key: str, lot: int) -> None:
        """Publish to a queue what will be answered, without a confirm."""
        if self._asker is None:
            raise Fault("broker_down", "the reply queue is not open")
        self._asker.ask(message, routing_key, lot)

    async def open_replies(self, name: str, on_message: OnMessage, on_refused: OnRefused) -> None:
        """Open the reply queue of this epoch, and the channel for what is answered there."""
        queue = f"{queue_name(name)[:100]}.replies.{uuid4().hex}{self._path.replies_end}"
        await self._path.replies(self._consuming, queue, on_message)
        self._asker = await self._path.asker(self._publishing, on_refused)
        if not self.ended:
            self.reply_queue = queue

    async def listen(self, name: str, key: str, on_message: OnMessage) -> None:
        """Open a queue of our own for what is published to the topic exchange with this key."""
        queue = f"{queue_name(name)[:100]}.heard.{uuid4().hex}"

        async def bind(channel: aiormq.abc.AbstractChannel) -> None:
            await channel.queue_bind(queue, TOPIC, key)

        await self._path.replies(self._consuming, queue, on_message)
        await self._briefly(bind)

    async def _retire(self, consumer: Consuming) -> None:
        if consumer in self._consumers:
            self._consumers.remove(consumer)
            await consumer.leave()

    async def _briefly(
        self, act: Callable[[aiormq.abc.AbstractChannel], Coroutine[Any, Any, T]]
    ) -> T:
        """Do something on a channel of its own: a refusal closes the channel."""
        channel = await self._consuming.channel()
        try:
            return await ask(act(channel))
        finally:
            await self._consuming.shut(channel)

    async def _channel_for_exchanges(self, exchange: str) -> None:
        channel = await self._publishing.channel()
        try:
            await ask(channel.exchange_declare(exchange, passive=True))
            # That it is there does not say that we may publish to it, and a publish that is refused
            # would end the channel for all. One in a transaction that is taken back goes nowhere.
            await ask(channel.tx_select())
            await ask(channel.basic_publish(b"", exchange=exchange))
            await ask(channel.tx_rollback())
        except Fault as fault:
            refusal = await closed_because(channel) or fault
            if refusal.code == "conflict":
                raise Fault("no_route", refusal.detail) from fault
            raise refusal from fault
        finally:
            await self._publishing.shut(channel)

    def _hear_blocked(self, link: Link, reason: str) -> None:
        if reason:
            self._blocked[link] = reason
        else:
            self._blocked.pop(link, None)
        if self.on_blocked is not None and not self.ended:
            self.on_blocked(next(iter(self._blocked.values()), ""))

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


async def _both(one: Coroutine[Any, Any, Link], other: Coroutine[Any, Any, Link]) -> list[Link]:
    """Open two links at once; when one fails, or we are cancelled, none stays open."""
    tasks = [asyncio.ensure_future(one), asyncio.ensure_future(other)]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Link):
                await ended.close()
        raise


def _arguments(queue: Queue) -> dict[str, Any] | None:
    arguments: dict[str, Any] = {}
    if queue.dead_letter:
        arguments["x-dead-letter-exchange"] = ""
        arguments["x-dead-letter-routing-key"] = queue.dead_letter
    if queue.max_length is not None:
        arguments["x-max-length"] = queue.max_length
        arguments["x-overflow"] = "reject-publish"
    if queue.quorum:
        arguments["x-queue-type"] = "quorum"
    if queue.max_priority is not None:
        arguments["x-max-priority"] = queue.max_priority
    if queue.single_active:
        arguments["x-single-active-consumer"] = True
    return arguments or None
