import asyncio

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Message, Queue
from contracts.fault import Fault


async def connected() -> tuple[MemoryHub, MemoryBroker]:
    """Make a hub and a client of it."""
    hub = MemoryHub()
    client = MemoryBroker(hub)
    client.start()
    await client.ready(5)
    return hub, client


async def test_the_expired_are_not_taken() -> None:
    """A message whose time is over goes to the dead letters and not to who takes by hand."""
    hub, client = await connected()
    await client.declare(Queue(name="q.dead"))
    await client.declare(Queue(name="q", dead_letter="q.dead"))
    client.publish(Message(body=b"late", expiration_ms=0), routing_key="q")
    client.publish(Message(body=b"fine"), routing_key="q")
    pull = await client.pull("q")
    delivery = await pull.take()
    assert delivery is not None
    assert delivery.message.body == b"fine"
    dead = hub.queue("q.dead")
    assert dead is not None
    assert len(dead.ready) == 1
    await client.close()


async def test_a_queue_deleted_while_it_is_looked_at() -> None:
    """When the queue is deleted meanwhile, the next take is ``no_route`` and the close harmless."""
    _, client = await connected()
    await client.declare(Queue(name="q"))
    pull = await client.pull("q")
    await client.delete("q")
    with pytest.raises(Fault, match="no_route"):
        await pull.take()
    await pull.close()
    await client.close()


async def test_looking_does_not_end_an_auto_delete_queue() -> None:
    """An auto-delete queue goes with its last consumer, and who takes by hand is none."""
    hub, client = await connected()
    await client.declare(Queue(name="q", auto_delete=True))
    pull = await client.pull("q")
    assert repr(pull) == "<MemoryPull q unsettled=0>"
    await pull.close()
    await asyncio.sleep(0)
    assert hub.queue("q") is not None
    await client.close()
