import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Message, Queue
from contracts.brokers.rabbitmq import RabbitMQBroker
from tests.contracts.brokers.kit import Outcomes


async def test_memory_clients_meet_at_their_hub() -> None:
    """Clients of one hub meet; a client without one is alone."""
    hub = MemoryHub()
    one, two = (open_broker("memory://", name=name, hub=hub) for name in ("one", "two"))
    alone = open_broker("memory://", name="alone")
    for client in (one, two, alone):
        client.start()
        await client.ready(1)
    await one.declare(Queue(name="q"))
    for client, expected in ((two, ""), (alone, "no_route")):
        outcomes = Outcomes()
        client.publish(Message(), routing_key="q", on_outcome=outcomes)
        assert await outcomes.wait() == [expected]
    assert isinstance(alone, MemoryBroker)
    for client in (one, two, alone):
        await client.close()


@pytest.mark.parametrize("scheme", ["amqp", "amqps"])
async def test_amqp_is_rabbitmq(scheme: str) -> None:
    """An AMQP address is RabbitMQ; nothing is connected before ``start``."""
    client = open_broker(f"{scheme}://u:s3cret@rabbit.test/shop", name="gateway")
    assert isinstance(client, RabbitMQBroker)
    assert "s3cret" not in repr(client)
    await client.close()


@pytest.mark.parametrize("url", ["", "redis://u:s3cret@x", "amqp:", "amqp://", "//u:s3cret@x"])
async def test_other_addresses_are_refused(url: str) -> None:
    """What is no broker's address is refused, in words that hold no password."""
    with pytest.raises(ValueError, match="address") as refusal:
        open_broker(url, name="x")
    assert "s3cret" not in str(refusal.value)
