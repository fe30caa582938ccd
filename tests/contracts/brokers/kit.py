"""What the contract suite needs of a broker besides the port: its bad days."""

import asyncio
from collections import deque
from typing import Protocol

from contracts.brokers.port import Broker, Delivery, Message, OnDelivery, Queue, State
from contracts.fault import Fault
from tests.harness.waiting import eventually


class Kit(Protocol):
    """Makes clients of one broker, and does to them what happens in real life."""

    def client(self, name: str = "test") -> Broker:
        """Make a client that is not started yet; it is closed after the test."""
        ...

    async def kill(self, client: Broker) -> None:
        """Let a client die without a word, for good."""
        ...

    def cut(self, client: Broker) -> None:
        """Cut a client's connection; it will connect again."""
        ...

    async def restart(self) -> None:
        """Stop the broker without warning, and start it again."""
        ...

    async def block(self) -> None:
        """Make the broker short of memory."""
        ...

    async def unblock(self) -> None:
        """Give it its memory back."""
        ...


class Inbox:
    """A consumer that keeps what it gets; settles at once when told so."""

    def __init__(self, *, ack: bool = False) -> None:
        self.deliveries: list[Delivery] = []
        self._ack = ack

    def __call__(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        if self._ack:
            delivery.ack()

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.message.body for delivery in self.deliveries]

    async def wait(self, count: int = 1, within: float = 10.0) -> list[Delivery]:
        await eventually(lambda: len(self.deliveries) >= count, within, f"{count} deliveries")
        return self.deliveries


class Outcomes:
    """A listener that keeps the outcomes of publishes, in order."""

    def __init__(self) -> None:
        self.heard: list[Fault | None] = []

    def __call__(self, fault: Fault | None) -> None:
        self.heard.append(fault)

    @property
    def codes(self) -> list[str]:
        return [fault.code if fault else "" for fault in self.heard]

    async def wait(self, count: int = 1) -> list[str]:
        await eventually(lambda: len(self.heard) >= count, 10, f"{count} outcomes")
        return self.codes


class States:
    """A listener that keeps the states and reasons it is told."""

    def __init__(self) -> None:
        self.heard: deque[tuple[State, str]] = deque()

    def __call__(self, state: State, reason: str) -> None:
        self.heard.append((state, reason))

    @property
    def states(self) -> list[State]:
        return [state for state, _ in self.heard]


async def up(kit: Kit, name: str = "test") -> Broker:
    """Make a client and wait until it is connected."""
    client = kit.client(name)
    client.start()
    await client.ready(10)
    return client


async def put(client: Broker, queue: str, *messages: Message | bytes) -> None:
    """Publish to a queue and wait until the broker has it all."""
    outcomes = Outcomes()
    for message in messages:
        whole = message if isinstance(message, Message) else Message(body=message)
        client.publish(whole, routing_key=queue, on_outcome=outcomes)
    assert await outcomes.wait(len(messages)) == [""] * len(messages)


async def consuming(
    client: Broker, queue: str, on_delivery: OnDelivery, prefetch: int = 10
) -> None:
    """Declare a queue and consume from it."""
    await client.declare(Queue(name=queue))
    await client.consume(queue, on_delivery, prefetch=prefetch)


async def ready_messages(client: Broker, queue: str) -> int:
    """Count what is ready in a queue."""
    stats = await client.stats(queue)
    return -1 if stats is None else stats.messages


async def settled() -> None:
    """Let callbacks that are due run."""
    for _ in range(5):
        await asyncio.sleep(0)
