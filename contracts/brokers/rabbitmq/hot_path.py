"""The seam: what an epoch needs of a way to publish and to consume.

Two ways stand behind it, under the same connections and the same recovery:
the lane (``lane``), which reads and writes content frames itself, and the
plain one (``plain``), which calls aio-pika. docs/decisions/0005-the-lane.md
says why there are two.
"""

from collections.abc import Callable
from typing import Protocol

from contracts.brokers.port import Message, OnDelivery, OnMessage, OnOutcome, OnRefused
from contracts.brokers.rabbitmq.link import Link


class Publishing(Protocol):
    """The publishing channel of an epoch."""

    # Called at each refusal by the broker (nack).
    on_refused: Callable[[], None] | None

    @property
    def outstanding(self) -> int:
        """How many outcomes are still due."""
        ...

    def publish(
        self, message: Message, routing_key: str, exchange: str, on_outcome: OnOutcome | None
    ) -> None:
        """Publish as the port says; the exchange is known to be there."""
        ...

    def lost(self, reason: str) -> None:
        """Tell all who wait for an outcome that nobody will ever know."""
        ...

    async def leave(self) -> None:
        """Close the channel; never raises."""
        ...


class Asking(Protocol):
    """The channel for calls, whose answers are their confirms."""

    def ask(self, message: Message, routing_key: str, lot: int) -> None:
        """Publish to a queue as the port says."""
        ...

    def lost(self, reason: str) -> None:
        """Let go of what is on its way."""
        ...


class Consuming(Protocol):
    """A consumer on a channel of its own."""

    # Set to False at the end of the epoch: from then on deliveries settle into nothing.
    live: bool
    # Called when nothing is unsettled any more.
    on_idle: Callable[[], None] | None

    @property
    def unsettled(self) -> int:
        """How many deliveries are not settled."""
        ...

    async def stop(self) -> None:
        """Stop deliveries; raises Fault ``broker_down`` when nobody answers."""
        ...

    async def flush(self) -> None:
        """Hand what was published and settled over to the socket; never raises."""
        ...

    async def leave(self) -> None:
        """Flush, and close the channel; never raises."""
        ...


class HotPath(Protocol):
    """A way to publish and to consume; each method opens a channel and raises only Faults."""

    # How the names of its reply queues end: what its reader of replies can do.
    replies_end: str

    async def publisher(self, link: Link) -> Publishing:
        """Open the publishing channel, with confirms."""
        ...

    async def asker(self, link: Link, on_refused: OnRefused) -> Asking:
        """Open the channel for calls."""
        ...

    async def consumer(
        self, link: Link, queue: str, on_delivery: OnDelivery, prefetch: int
    ) -> Consuming:
        """Start a consumer."""
        ...

    async def replies(self, link: Link, queue: str, on_message: OnMessage) -> None:
        """Declare the exclusive reply queue and consume from it, without acknowledgements."""
        ...
