"""The embedded broker: RabbitMQ's manners without RabbitMQ.

A ``MemoryHub`` is the broker, a ``MemoryBroker`` is one client of it, as an
AMQP client with its connection. It serves ``queuegate dev`` and every test
that needs no network. One process and one event loop; nothing survives it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from uuid import uuid4

from contracts.brokers.call_back import call_back
from contracts.brokers.limits import check, check_queue_name, queue_name
from contracts.brokers.memory_hub import RETRY, MemoryHub
from contracts.brokers.memory_pull import MemoryPull
from contracts.brokers.memory_queue import Consumer, MemoryQueue
from contracts.brokers.port import (
    Delivery,
    Message,
    OnDelivery,
    OnMessage,
    OnOutcome,
    OnRefused,
    OnState,
    Pull,
    Queue,
    QueueStats,
    ReplyQueue,
    State,
    Subscription,
)
from contracts.fault import Fault

__all__ = ("MemoryBroker", "MemoryHub")


class MemoryBroker:
    """One client of a hub; the port's docstrings say what it does."""

    def __init__(self, hub: MemoryHub, *, name: str = "queuegate") -> None:
        self._hub = hub
        self._name = name
        self._state = State.DOWN
        self._closed = False
        self._listeners: list[OnState] = []
        self._up = asyncio.Event()
        # What is made anew after each reconnect.
        self._declared: dict[str, Queue] = {}
        self._subscriptions: list[MemorySubscription] = []
        self._replies: MemoryReplies | None = None
        self._on_refused: OnRefused | None = None
        self._heard: list[tuple[str, OnMessage]] = []
        # Every consumer of this connection, with cancelled ones that still have deliveries.
        self._consumers: list[Consumer] = []
        self._outcomes: dict[int, OnOutcome] = {}
        self._numbers = count()

    def __repr__(self) -> str:
        return f"<MemoryBroker {self._name} {self._state}>"

    @property
    def state(self) -> State:
        """What the broker can do for us now."""
        return self._state

    def watch(self, listener: OnState) -> None:
        """Call ``listener(state, reason)`` at each change of state."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Connect at the event loop's next turn."""
        self._hub.join(self)
        self.reconnect()

    async def ready(self, within: float) -> None:
        """Wait until the state is up."""
        try:
            async with asyncio.timeout(within):
                await self._up.wait()
        except TimeoutError:
            raise Fault("broker_down", f"the broker was not up within {within} s") from None

    async def declare(self, queue: Queue) -> None:
        """Declare a queue now, and again after each reconnect."""
        self._check_connected()
        check_queue_name(queue.name)
        self._hub.declare(queue)
        if not queue.passive:
            self._declared[queue.name] = queue

    def publish(
        self,
        message: Message,
        *,
        routing_key: str,
        exchange: str = "",
        on_outcome: OnOutcome | None = None,
    ) -> None:
        """Hand a message over; never waits."""
        self._check_connected()
        if self._state is State.BLOCKED:
            raise Fault("broker_blocked")
        check(message, routing_key)
        fault = self._hub.route(message, routing_key, exchange)
        if on_outcome is not None:
            number = next(self._numbers)
            self._outcomes[number] = on_outcome
            asyncio.get_running_loop().call_soon(self._tell_outcome, number, fault)

    def ask(self, message: Message, routing_key: str, *, lot: int = 1) -> None:  # noqa: ARG002 - nothing is gained here
        """Send to a queue what is answered into the reply queue; never waits."""

        def hear(fault: Fault | None) -> None:
            # A full queue says nothing to who did not ask for confirms.
            if fault is not None and fault.code == "no_route" and self._on_refused is not None:
                self._on_refused(message.correlation_id, fault)

        self.publish(message, routing_key=routing_key, on_outcome=hear)

    async def consume(self, queue: str, on_delivery: OnDelivery, *, prefetch: int) -> Subscription:
        """Consume from a declared queue, now and after each reconnect."""
        self._check_connected()
        subscription = MemorySubscription(queue, on_delivery, prefetch, self._cancel)
        self._consume(subscription)
        self._subscriptions.append(subscription)
        return subscription

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back at the event loop's next turn."""
        asyncio.get_running_loop().call_soon(callback)

    async def pull(self, queue: str) -> Pull:
        """Begin to take messages by hand."""
        self._check_connected()
        consumer = Consumer(self._open_to_us(queue), _ignore, prefetch=0, owner=self)
        self._consumers.append(consumer)
        return MemoryPull(consumer)

    def replies(self, on_message: OnMessage, on_refused: OnRefused | None = None) -> ReplyQueue:
        """Open the exclusive reply queue of this client, one a client."""
        if self._replies is not None:
            raise ValueError("a client has one reply queue, and it is open already")
        self._replies = MemoryReplies(on_message)
        self._on_refused = on_refused
        if self._state is not State.DOWN:
            self._open_replies(self._replies)
        return self._replies

    async def listen(self, key: str, on_message: OnMessage) -> None:
        """Hear all that is published to the topic exchange with this key."""
        self._check_connected()
        self._listen(key, on_message)
        self._heard.append((key, on_message))

    async def stats(self, queue: str) -> QueueStats | None:
        """Count a queue's messages and consumers; ``None``: no such queue."""
        self._check_connected()
        found = self._hub.queue(queue)
        return None if found is None else QueueStats(len(found.ready), len(found.consumers))

    async def delete(self, queue: str) -> None:
        """Delete a queue, and forget its declaration and our consumers of it."""
        self._check_connected()
        self._declared.pop(queue, None)
        for subscription in [one for one in self._subscriptions if one.queue == queue]:
            await subscription.cancel()
        self._hub.remove(queue)

    async def close(self) -> None:
        """Leave. What was delivered and not settled goes back to its queue."""
        if not self._closed:
            self._closed = True
            self.disconnected("closed")
            self._hub.leave(self)

    # What follows is for the hub.

    def disconnected(self, reason: str) -> None:
        """Take the loss of the connection."""
        if self._state is State.DOWN:
            return
        self._move_to(State.DOWN, reason)
        self._let_go()
        outcomes, self._outcomes = self._outcomes, {}
        for on_outcome in outcomes.values():
            # It may have got through: that is all that can be known now.
            call_back(on_outcome, Fault("broker_down", reason, not_run=False))

    def reconnect(self, after: float = 0) -> None:
        """Connect in ``after`` seconds, and never inside the caller."""
        asyncio.get_running_loop().call_later(after, self._connect)

    def tell_blocked(self) -> None:
        """Look whether the hub takes publishes."""
        if self._state is State.DOWN:
            return
        if self._hub.blocked:
            self._move_to(State.BLOCKED, "the broker is short of resources")
        else:
            self._move_to(State.UP, "the broker has recovered")

    def _connect(self) -> None:
        if self._closed or not self._hub.running or self._state is not State.DOWN:
            return
        for queue in self._declared.values():
            # Made with other settings by somebody while we were away: it is there, that will do.
            with suppress(Fault):
                self._hub.declare(queue)
        try:
            if self._replies is not None:
                self._open_replies(self._replies)
            for key, on_message in self._heard:
                self._listen(key, on_message)
            for subscription in self._subscriptions:
                self._consume(subscription)
        except Fault:
            # A queue that we consume from is gone. Not up until it is back.
            self._let_go()
            self.reconnect(RETRY)
            return
        self._move_to(State.UP, "connected")
        self.tell_blocked()

    def _let_go(self) -> None:
        consumers, self._consumers = self._consumers, []
        for consumer in consumers:
            self._hub.release(consumer, give_back=True)
        if self._replies is not None:
            self._replies.name = ""

    def _consume(self, subscription: "MemorySubscription") -> None:
        queue = self._open_to_us(subscription.queue)
        consumer = Consumer(
            queue, subscription.on_delivery, prefetch=subscription.prefetch, owner=self
        )
        subscription.consumer = consumer
        self._add(consumer)

    def _open_replies(self, replies: "MemoryReplies") -> None:
        queue = self._own_queue("replies", replies.take)
        replies.name = queue.settings.name

    def _listen(self, key: str, on_message: OnMessage) -> None:
        queue = self._own_queue("heard", lambda delivery: on_message(delivery.message))
        self._hub.bind(queue, key)

    def _own_queue(self, purpose: str, on_delivery: OnDelivery) -> MemoryQueue:
        name = f"{queue_name(self._name)[:100]}.{purpose}.{uuid4().hex}"
        settings = Queue(name=name, durable=False, auto_delete=True)
        queue = self._hub.declare(settings, owner=self)
        self._add(Consumer(queue, on_delivery, prefetch=0, owner=self, auto_ack=True))
        return queue

    def _open_to_us(self, name: str) -> MemoryQueue:
        queue = self._hub.queue(name)
        if queue is None:
            raise Fault("no_route", f"there is no queue {name}")
        if queue.owner is not None:
            raise Fault("conflict", f"queue {name} is another client's own")
        return queue

    def _add(self, consumer: Consumer) -> None:
        self._consumers.append(consumer)
        consumer.queue.consumers.append(consumer)
        consumer.queue.wake()

    def _cancel(self, subscription: "MemorySubscription") -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            if subscription.consumer is not None:
                self._hub.release(subscription.consumer, give_back=False)

    def _tell_outcome(self, number: int, fault: Fault | None) -> None:
        on_outcome = self._outcomes.pop(number, None)
        if on_outcome is not None:
            call_back(on_outcome, fault)

    def _check_connected(self) -> None:
        if self._state is State.DOWN:
            raise Fault("broker_down")

    def _move_to(self, state: State, reason: str) -> None:
        if state is self._state:
            return
        self._state = state
        if state is State.UP:
            self._up.set()
        else:
            self._up.clear()
        for listener in tuple(self._listeners):
            call_back(listener, state, reason)


class MemorySubscription:
    """A running consumer of the embedded broker."""

    def __init__(
        self,
        queue: str,
        on_delivery: OnDelivery,
        prefetch: int,
        cancel: Callable[["MemorySubscription"], None],
    ) -> None:
        self.queue = queue
        self.on_delivery = on_delivery
        self.prefetch = prefetch
        self.consumer: Consumer | None = None
        self._cancel = cancel

    def __repr__(self) -> str:
        return f"<MemorySubscription {self.queue} prefetch={self.prefetch}>"

    async def cancel(self) -> None:
        """Stop deliveries. What was delivered can still be settled."""
        self._cancel(self)


class MemoryReplies:
    """The reply queue of a client of the embedded broker."""

    def __init__(self, on_message: OnMessage) -> None:
        self.name = ""
        self._on_message = on_message

    def __repr__(self) -> str:
        return f"<MemoryReplies {self.name or 'down'}>"

    def take(self, delivery: Delivery) -> None:
        """Hand a reply on."""
        self._on_message(delivery.message)


def _ignore(_: Delivery) -> None:
    """Stand for the callback of one who takes by hand and is called by nobody."""
