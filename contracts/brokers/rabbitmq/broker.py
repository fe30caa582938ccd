"""RabbitMQ behind the port: one client, and its recovery.

The recovery is our own and not aio-pika's, for the reasons in
docs/decisions/0001-own-recovery.md. It is the loop in ``_run``: open an
epoch, restore in it all that callers asked for, be up until it ends, again.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final

from yarl import URL

from contracts.brokers.call_back import call_back
from contracts.brokers.limits import check_queue_name
from contracts.brokers.port import (
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
from contracts.brokers.rabbitmq.address import addresses, shown, wants_lane
from contracts.brokers.rabbitmq.epoch import Epoch
from contracts.brokers.rabbitmq.hot_path import Consuming, HotPath
from contracts.brokers.rabbitmq.lane import Lane
from contracts.brokers.rabbitmq.link import hush
from contracts.brokers.rabbitmq.plain import Plain
from contracts.fault import Fault

# Seconds. The first retry is quick, since most losses are short; all are spread at random, so that
# a fleet does not come back to a broker that restarts in one moment.
FIRST_RETRY: Final = (0.05, 0.25)
# The longest, with the time to connect, is less than the 2 s in which we promise to be back.
LONGEST_RETRY: Final = 1.5
# Seconds for one attempt: connections, queues, consumers, all of it.
ATTEMPT: Final = 15.0
# Seconds that an epoch must have lasted for the next retry to be a first one.
STABLE: Final = 5.0


class RabbitMQBroker:
    """One client of RabbitMQ; the port's docstrings say what it does.

    ``url`` is one AMQP URL, several separated by commas, or a list of them:
    nodes of one cluster, tried in turn. ``name`` is what operators see in
    RabbitMQ's list of connections. ``lane=False``, or ``?lane=off`` in a URL,
    publishes and consumes by plain aio-pika calls. Raises ``ValueError`` for
    what is no AMQP URL.
    """

    def __init__(
        self, url: str | Iterable[str], *, name: str = "queuegate", lane: bool = True
    ) -> None:
        if not isinstance(url, str):
            url = tuple(url)
        self._addresses = addresses(url)
        self._path: HotPath = Lane() if lane and wants_lane(url) else Plain()
        self._name = name
        self._state = State.DOWN
        self._reason = "not started"
        self._listeners: list[OnState] = []
        self._up = asyncio.Event()
        self._epoch: Epoch | None = None
        self._ended = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._chores: set[asyncio.Task[None]] = set()
        # What is made anew in each epoch.
        self._declared: dict[str, Queue] = {}
        self._subscriptions: list[RabbitSubscription] = []
        self._replies: RabbitReplies | None = None
        self._heard: list[tuple[str, OnMessage]] = []

    def __repr__(self) -> str:
        places = ",".join(map(shown, self._addresses))
        way = f"{self._name} {places} {self._path!r}"
        return f"<RabbitMQBroker {way} {self._state}: {self._reason}>"

    @property
    def state(self) -> State:
        """What the broker can do for us now."""
        return self._state

    def watch(self, listener: OnState) -> None:
        """Call ``listener(state, reason)`` at each change of state or of its reason."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin to connect, and go on trying; returns at once."""
        if self._running is None:
            hush()
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def ready(self, within: float) -> None:
        """Wait until the state is up, or raise ``broker_down`` with the reason."""
        try:
            async with asyncio.timeout(within):
                await self._up.wait()
        except TimeoutError:
            raise Fault("broker_down", f"not up within {within:g} s: {self._reason}") from None

    async def declare(self, queue: Queue) -> None:
        """Declare a queue now, and again after each reconnect."""
        epoch = self._now
        check_queue_name(queue.name)
        await epoch.declare(queue)
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
        self._writable.publish(message, routing_key, exchange, on_outcome)

    def ask(self, message: Message, routing_key: str, *, lot: int = 1) -> None:
        """Send to a queue what is answered into the reply queue; never waits."""
        if self._state is State.UP and self._epoch is not None:
            # Without a detour: it is on the way of each call.
            self._epoch.ask(message, routing_key, lot)
        else:
            self._writable.ask(message, routing_key, lot)

    async def consume(self, queue: str, on_delivery: OnDelivery, *, prefetch: int) -> Subscription:
        """Consume from a declared queue, now and after each reconnect."""
        subscription = RabbitSubscription(self, queue, on_delivery, prefetch)
        await subscription.begin(self._now)
        self._subscriptions.append(subscription)
        return subscription

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back outside of any task, once what is at hand now has been handed over."""
        if self._epoch is None:
            asyncio.get_running_loop().call_soon(callback)
        else:
            self._epoch.soon(callback)

    async def pull(self, queue: str) -> Pull:
        """Begin to take messages by hand."""
        return await self._now.pull(queue)

    def replies(self, on_message: OnMessage, on_refused: OnRefused | None = None) -> ReplyQueue:
        """Open the exclusive reply queue of this client, one a client.

        Best called before ``start``: later, the state is not up until the queue
        is there. Raises ``ValueError`` the second time.
        """
        if self._replies is not None:
            raise ValueError("a client has one reply queue, and it is open already")
        self._replies = RabbitReplies(on_message, on_refused or _unheard)
        if self._epoch is not None:
            self._move_to(State.DOWN, "opening the reply queue")
            self._do(self._open_late(self._epoch, self._replies))
        return self._replies

    async def listen(self, key: str, on_message: OnMessage) -> None:
        """Hear all that is published to the topic exchange with this key."""
        await self._now.listen(self._name, key, on_message)
        self._heard.append((key, on_message))

    async def stats(self, queue: str) -> QueueStats | None:
        """Count a queue's messages and consumers; ``None``: no such queue."""
        return await self._now.stats(queue)

    async def delete(self, queue: str) -> None:
        """Delete a queue, and forget its declaration and our consumers of it."""
        epoch = self._now
        self._declared.pop(queue, None)
        for subscription in [one for one in self._subscriptions if one.queue == queue]:
            await subscription.cancel()
        await epoch.delete(queue)

    async def close(self) -> None:
        """Leave. What was delivered and not settled goes back to its queue."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        if self._epoch is not None:
            self._epoch.end("closed")
        self._move_to(State.DOWN, "closed")
        if self._chores:
            await asyncio.wait(self._chores)

    def cut(self) -> None:
        """Cut the connections without a word, as a crash would: for tests."""
        if self._epoch is not None:
            self._epoch.kill()

    @property
    def _writable(self) -> Epoch:
        """What takes messages now; raises Fault when nothing does."""
        if self._state is not State.UP or self._epoch is None:
            code = "broker_blocked" if self._state is State.BLOCKED else "broker_down"
            raise Fault(code, self._reason)
        return self._epoch

    async def forget(self, subscription: "RabbitSubscription") -> None:
        """Stop a consumer, now and for the epochs to come."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            if self._epoch is not None and subscription.consumer is not None:
                await self._epoch.cancel(subscription.consumer)

    @property
    def _now(self) -> Epoch:
        if self._epoch is None:
            raise Fault("broker_down", self._reason)
        return self._epoch

    async def _run(self) -> None:
        attempt, turn, tried = 0, 0, 0
        clock = asyncio.get_running_loop().time
        while True:
            url = self._addresses[turn % len(self._addresses)]
            try:
                async with asyncio.timeout(ATTEMPT):
                    await self._begin(url)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt may do
                detail = error.detail if isinstance(error, Fault) else repr(error)
                self._move_to(State.DOWN, f"{shown(url)}: {detail}")
                turn, tried = turn + 1, tried + 1
                if tried < len(self._addresses):
                    continue  # a pause only after all were tried: one of them may be well
            else:
                began = clock()
                await self._ended.wait()
                if clock() - began > STABLE:
                    attempt = 0
            await asyncio.sleep(_pause(attempt))
            attempt, tried = attempt + 1, 0

    async def _begin(self, url: URL) -> None:
        """Open an epoch and restore everything in it; only then is the state up."""
        self._ended.clear()
        epoch = await Epoch.open(url, self._name, self._path)
        try:
            await epoch.declare_again(tuple(self._declared.values()))
            if self._replies is not None:
                replies = self._replies
                await epoch.open_replies(self._name, replies.on_message, replies.on_refused)
            for key, on_message in tuple(self._heard):
                await epoch.listen(self._name, key, on_message)
            for subscription in tuple(self._subscriptions):
                await subscription.begin(epoch)
            if epoch.ended:
                raise Fault("broker_down", epoch.ended)
        except BaseException as error:
            epoch.end(str(error))
            self._do(epoch.dispose())
            raise
        self._epoch = epoch
        epoch.on_blocked = self._hear_blocked
        epoch.on_end = self._hear_end
        self._move_to(State.UP, f"connected to {shown(url)}")

    def _hear_end(self, reason: str) -> None:
        epoch, self._epoch = self._epoch, None
        self._move_to(State.DOWN, reason)
        self._ended.set()
        if epoch is not None:
            self._do(epoch.dispose())

    def _hear_blocked(self, reason: str) -> None:
        if reason:
            self._move_to(State.BLOCKED, reason)
        else:
            self._move_to(State.UP, "the broker takes messages again")

    async def _open_late(self, epoch: Epoch, replies: "RabbitReplies") -> None:
        try:
            await epoch.open_replies(self._name, replies.on_message, replies.on_refused)
        except Fault as fault:
            epoch.end(f"the reply queue could not be opened: {fault}")
        else:
            if epoch is self._epoch:
                self._move_to(State.UP, "the reply queue is open")

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    def _move_to(self, state: State, reason: str) -> None:
        if self._replies is not None:
            self._replies.name = "" if self._epoch is None else self._epoch.reply_queue
        if (state, reason) == (self._state, self._reason):
            return
        self._state, self._reason = state, reason
        if state is State.UP:
            self._up.set()
        else:
            self._up.clear()
        for listener in tuple(self._listeners):
            call_back(listener, state, reason)


class RabbitSubscription:
    """A running consumer of RabbitMQ."""

    def __init__(
        self, broker: RabbitMQBroker, queue: str, on_delivery: OnDelivery, prefetch: int
    ) -> None:
        self.queue = queue
        self.consumer: Consuming | None = None
        self._broker = broker
        self._on_delivery = on_delivery
        self._prefetch = prefetch

    def __repr__(self) -> str:
        return f"<RabbitSubscription {self.queue} prefetch={self._prefetch}>"

    async def begin(self, epoch: Epoch) -> None:
        """Start in an epoch."""
        self.consumer = await epoch.consume(self.queue, self._on_delivery, self._prefetch)

    async def cancel(self) -> None:
        """Stop deliveries. What was delivered can still be settled."""
        await self._broker.forget(self)


class RabbitReplies:
    """The reply queue of a client of RabbitMQ."""

    def __init__(self, on_message: OnMessage, on_refused: OnRefused) -> None:
        self.on_message = on_message
        self.on_refused = on_refused
        # Its name now; empty while down.
        self.name = ""

    def __repr__(self) -> str:
        return f"<RabbitReplies {self.name or 'down'}>"


def _unheard(_correlation_id: str, _fault: Fault) -> None:
    """Stand for the callback of one who asks nothing."""


def _pause(attempt: int) -> float:
    """Give the seconds to wait before the next attempt, with jitter."""
    if not attempt:
        return random.uniform(*FIRST_RETRY)  # noqa: S311 - spreads load, guards nothing
    most = min(LONGEST_RETRY, FIRST_RETRY[1] * 2.0 ** min(attempt, 10))
    return random.uniform(most / 2, most)  # noqa: S311 - as above
