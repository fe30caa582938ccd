import pytest

from contracts.brokers.port import Message, Queue
from contracts.brokers.rabbitmq.pull import RabbitPull
from contracts.fault import Fault
from tests.contracts.brokers.kit import put, ready_messages, up
from tests.contracts.brokers.rabbitmq.kit import RabbitKit


async def test_it_says_what_it_looks_at(kit: RabbitKit) -> None:
    """A pull and what it took show their queue and whether it is settled."""
    client = await up(kit)
    await client.declare(Queue(name="q"))
    await put(client, "q", Message(correlation_id="c-1"))
    pull = await client.pull("q")
    assert isinstance(pull, RabbitPull)
    assert repr(pull) == f"<RabbitPull q channel={pull.number}>"
    delivery = await pull.take()
    assert repr(delivery) == "<PulledDelivery q 'c-1' open>"
    await pull.close()
    assert repr(delivery) == "<PulledDelivery q 'c-1' gone>"


async def test_a_queue_deleted_while_it_is_looked_at(kit: RabbitKit) -> None:
    """When the queue is deleted meanwhile the next take raises a Fault; closing is harmless."""
    client = await up(kit)
    await client.declare(Queue(name="q"))
    pull = await client.pull("q")
    await client.delete("q")
    with pytest.raises(Fault, match="no_route"):
        await pull.take()
    with pytest.raises(Fault, match="broker_down"):
        await pull.take()
    await pull.close()
    await pull.close()


async def test_acks_are_out_before_the_channel_closes(kit: RabbitKit) -> None:
    """All that was acknowledged before the close is gone from the queue, however much it is."""
    client = await up(kit)
    await client.declare(Queue(name="q"))
    await put(client, "q", *[b"x"] * 200)
    pull = await client.pull("q")
    for _ in range(200):
        delivery = await pull.take()
        assert delivery is not None
        delivery.ack()
    await pull.close()
    assert await ready_messages(client, "q") == 0
