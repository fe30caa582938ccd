import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Broker, Message, Queue, State
from tests.contracts.brokers.contract import BrokerContract
from tests.contracts.brokers.kit import Inbox, Outcomes, put, up
from tests.harness.waiting import eventually


class MemoryKit:
    """The embedded broker's bad days."""

    def __init__(self) -> None:
        self.hub = MemoryHub()
        self.clients: list[Broker] = []

    def client(self, name: str = "test") -> Broker:
        broker = MemoryBroker(self.hub, name=name)
        self.clients.append(broker)
        return broker

    async def kill(self, client: Broker) -> None:
        assert isinstance(client, MemoryBroker)
        self.hub.drop(client, for_good=True)

    def cut(self, client: Broker) -> None:
        assert isinstance(client, MemoryBroker)
        self.hub.drop(client)

    async def restart(self) -> None:
        self.hub.stop()
        self.hub.start()

    async def block(self) -> None:
        self.hub.block()

    async def unblock(self) -> None:
        self.hub.unblock()


@pytest.fixture
async def kit() -> AsyncIterator[MemoryKit]:
    kit = MemoryKit()
    yield kit
    for client in kit.clients:
        await client.close()
    assert repr(kit.hub).endswith("clients=0>")


class TestMemory(BrokerContract):
    """The contract on the embedded broker."""


async def test_a_stopped_hub_leaves_its_clients_down(kit: MemoryKit) -> None:
    """While the hub is stopped nobody connects; started again, everybody does."""
    client = await up(kit)
    kit.hub.stop()
    assert client.state is State.DOWN
    late = kit.client()
    late.start()
    await asyncio.sleep(0.01)
    assert late.state is State.DOWN
    kit.hub.start()
    await client.ready(1)
    await late.ready(1)


async def test_a_stop_drops_queues_that_are_not_durable(kit: MemoryKit) -> None:
    """A queue that is not durable is gone after a stop, unless its client declares it anew."""
    passing, staying = await up(kit), await up(kit)
    await passing.declare(Queue(name="q", durable=False))
    await passing.close()
    kit.hub.stop()
    kit.hub.start()
    await staying.ready(1)
    assert await staying.stats("q") is None


async def test_unsettled_persistent_messages_survive_a_stop(kit: MemoryKit) -> None:
    """What was delivered and not settled at a stop comes again, if it was persistent."""
    client, inbox = await up(kit), Inbox()
    await client.declare(Queue(name="q"))
    await client.consume("q", inbox, prefetch=5)
    await put(client, "q", Message(body=b"kept", persistent=True), Message(body=b"lost"))
    await inbox.wait(2)
    await kit.restart()
    again = (await inbox.wait(3))[2]
    assert (again.message.body, again.redelivered) == (b"kept", True)
    again.ack()


async def test_an_alarm_outlives_a_reconnect(kit: MemoryKit) -> None:
    """A client that connects to a hub that is short of memory is told so."""
    kit.hub.block()
    client = kit.client()
    client.start()
    await eventually(lambda: client.state is State.BLOCKED)
    kit.hub.unblock()
    await client.ready(1)


async def test_not_up_while_a_queue_to_consume_from_is_missing(kit: MemoryKit) -> None:
    """A consumer whose queue others own waits for it, and its client is not up meanwhile."""
    owner, consumer, inbox = await up(kit), await up(kit), Inbox(ack=True)
    await owner.declare(Queue(name="q"))
    await consumer.consume("q", inbox, prefetch=1)
    await owner.delete("q")
    assert consumer.state is State.DOWN
    await owner.declare(Queue(name="q"))
    await consumer.ready(1)
    await put(owner, "q", b"1")
    await inbox.wait()


async def test_dead_letters_of_a_missing_queue_are_dropped(kit: MemoryKit) -> None:
    """A dead-letter queue that is not there loses the letters and nothing else."""
    client, outcomes = await up(kit), Outcomes()
    await client.declare(Queue(name="q", dead_letter="missing"))
    client.publish(Message(expiration_ms=0), routing_key="q", on_outcome=outcomes)
    assert await outcomes.wait() == [""]
    await eventually(lambda: client.state is State.UP)


async def test_reprs_tell_the_state(kit: MemoryKit) -> None:
    """Reprs of hub and client say what an operator wants to know."""
    client = await up(kit, "gateway")
    assert repr(client) == "<MemoryBroker gateway up>"
    assert repr(kit.hub) == "<MemoryHub running queues=0 clients=1>"
