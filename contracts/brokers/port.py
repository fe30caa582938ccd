"""The port to a message broker, at message level.

Everything on the path of a call is synchronous: ``publish`` hands a message
over and returns, deliveries and outcomes come by plain callbacks on the event
loop's thread. So an implementation may batch its writes, and the caller
decides first and waits once. What is rare (declaring, consuming, counting) is
asynchronous.

One instance is one client of the broker. It connects, reconnects with jitter,
and after each reconnect declares its queues and starts its consumers again;
the callers see states and faults, never a connection.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from contracts.fault import Fault

# The exchange that every AMQP broker has for topics (AMQP 0-9-1 section 3.1.3.3), so that nobody
# has to declare one. The embedded broker knows it too, without wildcards.
TOPIC: Final = "amq.topic"

# Calls that may be one message: more spare the broker nothing, and who takes one apart is to know
# how much it may be.
LARGEST_LOT: Final = 32


class State(StrEnum):
    """What the broker can do for us now."""

    UP = "up"
    # connection.blocked: connected, but the broker reads no more publishes.
    BLOCKED = "blocked"
    DOWN = "down"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message with the AMQP 0-9-1 properties that queuegate uses.

    ``expiration_ms`` is the per-message TTL in milliseconds; 0 asks for
    delivery at once or not at all. ``timestamp`` is Unix seconds.
    """

    body: bytes = b""
    headers: Mapping[str, Any] = msgspec.field(default_factory=dict)
    content_type: str = ""
    content_encoding: str = ""
    type: str = ""
    correlation_id: str = ""
    reply_to: str = ""
    message_id: str = ""
    app_id: str = ""
    timestamp: int | None = None
    expiration_ms: int | None = None
    priority: int | None = None
    persistent: bool = False


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue is to be declared.

    ``passive`` only checks that it exists. ``dead_letter`` names the queue
    that gets what is rejected or expires. ``max_length`` with the broker's
    ``reject-publish`` makes a full queue refuse (the publisher hears
    ``busy``). ``quorum`` asks for a replicated queue, for accepted work.
    ``single_active`` gives all messages to one consumer, the first that came, and
    to the next when it leaves, so that they are handled in order.
    ``max_priority`` has messages of a higher ``priority`` handed out first, up
    to that number.
    """

    name: str
    durable: bool = True
    passive: bool = False
    auto_delete: bool = False
    dead_letter: str = ""
    max_length: int | None = None
    quorum: bool = False
    max_priority: int | None = None
    single_active: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether it never refuses a message: a quorum queue may, while it has no leader."""
        return self.max_length is None and not self.quorum


class QueueStats(msgspec.Struct, frozen=True):
    """What a queue holds: ready messages and consumers."""

    messages: int
    consumers: int


class Delivery(Protocol):
    """A message handed to a consumer, to be settled exactly once.

    Settling never waits. A delivery whose connection is gone settles into
    nothing: the broker has already given the message to somebody else.
    """

    @property
    def message(self) -> Message:
        """The message as published."""
        ...

    @property
    def queue(self) -> str:
        """The queue it came from."""
        ...

    @property
    def redelivered(self) -> bool:
        """Whether it may have been handed to a consumer before."""
        ...

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish to the queue ``routing_key``, before any later settlement.

        It goes over the consumer's own channel, and a broker handles what
        comes on one channel in order: when it has seen the ack it has seen
        this message. That is how "reply first, then ack" holds without
        waiting for a confirm.
        """
        ...

    def ack(self) -> None:
        """Say that the message is dealt with."""
        ...

    def reject(self, *, requeue: bool) -> None:
        """Give it back (``requeue``) or let it go to the dead letters."""
        ...


class Subscription(Protocol):
    """A running consumer."""

    async def cancel(self) -> None:
        """Stop deliveries. What was delivered can still be settled."""
        ...


class Pull(Protocol):
    """A look into a queue by hand, message by message.

    It belongs to one connection and ends with it; nothing is resumed.
    """

    async def take(self) -> Delivery | None:
        """Take the next message that is ready; ``None``: there is none now.

        What was taken is nobody else's until it is settled, or the pull
        closed. Raises Fault ``broker_down`` when the connection is gone,
        ``no_route`` when the queue is.
        """
        ...

    async def close(self) -> None:
        """Put what is not settled back in its place, marked as redelivered.

        All settlements have reached the broker's socket by then. Never raises.
        """
        ...


class ReplyQueue(Protocol):
    """This client's own queue for replies."""

    @property
    def name(self) -> str:
        """Its name now: it changes with each reconnect, empty while down."""
        ...


OnDelivery = Callable[[Delivery], None]
OnMessage = Callable[[Message], None]
# The correlation id of what was asked, and why nobody takes it.
OnRefused = Callable[[str, Fault], None]
OnState = Callable[[State, str], None]
# None: the broker took it. A fault: it did not, and says why.
OnOutcome = Callable[[Fault | None], None]


class Broker(Protocol):
    """A client of a message broker."""

    @property
    def state(self) -> State:
        """What the broker can do for us now."""
        ...

    def watch(self, listener: OnState) -> None:
        """Call ``listener(state, reason)`` at each change of state.

        Also when the reason for being down becomes another one, so that a
        client which never was up says why. Listeners must not raise.
        """
        ...

    def start(self) -> None:
        """Begin to connect, and go on trying; returns at once."""
        ...

    async def ready(self, within: float) -> None:
        """Wait until the state is up.

        Raises Fault ``broker_down`` when it is not after ``within`` seconds.
        """
        ...

    async def declare(self, queue: Queue) -> None:
        """Declare a queue now, and again after each reconnect.

        Raises Fault ``broker_down`` when not connected, ``no_route`` for a
        passive declaration of a queue that is not there, and ``conflict``
        when the queue exists with other settings.
        """
        ...

    def publish(
        self,
        message: Message,
        *,
        routing_key: str,
        exchange: str = "",
        on_outcome: OnOutcome | None = None,
    ) -> None:
        """Hand a message over; never waits.

        Raises Fault ``broker_down`` or ``broker_blocked`` at once when the
        state is not up; then nothing was sent. Otherwise ``on_outcome`` is
        called once: ``None`` when the broker confirmed it (RabbitMQ's
        publisher confirm), or a Fault: ``no_route`` (no queue is bound; the
        message was returned), ``busy`` (the queue is full), ``broker_down``
        (the connection went before the confirm, and the fault's ``not_run``
        is False, since the message may have got through).
        """
        ...

    async def consume(self, queue: str, on_delivery: OnDelivery, *, prefetch: int) -> Subscription:
        """Consume from a declared queue, now and after each reconnect.

        At most ``prefetch`` deliveries are unsettled at a time. Raises Fault
        ``broker_down`` when not connected and ``no_route`` when there is no
        such queue.
        """
        ...

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back outside of any task, once what is at hand now has been handed over.

        As the event loop's ``call_soon``, but where deliveries come many at a
        time it is after the last of them, and before what they were answered
        with is written. ``callback`` must not raise.
        """
        ...

    async def pull(self, queue: str) -> Pull:
        """Begin to take messages by hand (AMQP's basic.get), for who looks at dead letters.

        A round trip a message: to work through a queue, consume. Raises Fault
        ``broker_down`` when not connected and ``no_route`` when there is no
        such queue.
        """
        ...

    def replies(self, on_message: OnMessage, on_refused: OnRefused | None = None) -> ReplyQueue:
        """Open the exclusive reply queue of this client, one a client.

        It is there whenever the state is up: a fresh name after each
        reconnect, so that no name of a half-dead connection is fought for.
        ``on_refused`` hears of what was asked with ``ask`` and not taken.
        """
        ...

    def ask(self, message: Message, routing_key: str, *, lot: int = 1) -> None:
        """Send to a queue what is answered into the reply queue; never waits.

        The answer is all the confirmation there is: half the price of
        ``publish`` for the broker's part of it. ``on_refused`` of ``replies``
        hears when the broker returns the message (``no_route``), by its
        correlation id. What a full queue refuses is lost without a word, so
        this is for queues that take everything. Raises as ``publish``.

        Up to ``lot`` of those that leave together, at most ``LARGEST_LOT``, may be
        one message to the broker, where that is cheaper. Every consumer of ours, and every pull,
        gets each of them by itself; others have to say that they can.
        """
        ...

    async def listen(self, key: str, on_message: OnMessage) -> None:
        """Hear all that is published to ``TOPIC`` with this key, now and after each reconnect.

        Everybody who listens gets each message. It is for what may be lost: nothing is kept for
        one who is away, and nothing is settled. Raises Fault ``broker_down`` when not connected,
        ``conflict`` when the broker forbids it.
        """
        ...

    async def stats(self, queue: str) -> QueueStats | None:
        """Count a queue's messages and consumers; ``None``: no such queue.

        Raises Fault ``broker_down`` when not connected.
        """
        ...

    async def delete(self, queue: str) -> None:
        """Delete a queue and forget its declaration. Not there is fine."""
        ...

    async def close(self) -> None:
        """Leave. What was delivered and not settled goes back to its queue."""
        ...
