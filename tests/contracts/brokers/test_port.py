import msgspec
import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Broker, Message, Queue, QueueStats, State
from contracts.brokers.rabbitmq import RabbitMQBroker


async def test_both_brokers_are_brokers() -> None:
    """The embedded broker and RabbitMQ have all that the port says; mypy checks the types."""
    for broker in (MemoryBroker(MemoryHub()), RabbitMQBroker("amqp://localhost")):
        as_port: Broker = broker
        assert all(hasattr(as_port, name) for name in vars(Broker) if not name.startswith("_"))


def test_records_are_frozen() -> None:
    """A message and a queue's settings are replaced, never changed."""
    for record, field in (
        (Message(), "body"),
        (Queue(name="q"), "name"),
        (QueueStats(1, 2), "messages"),
    ):
        with pytest.raises(AttributeError):
            setattr(record, field, "x")


def test_plain_messages_are_cheap_ones() -> None:
    """A message is transient and never expires unless it says so; a queue is durable."""
    assert (Message().persistent, Message().expiration_ms) == (False, None)
    assert Queue(name="q").durable
    assert msgspec.structs.replace(Message(), body=b"x") != Message()


def test_states_have_names_for_people() -> None:
    """States print as one word each."""
    assert [str(state) for state in State] == ["up", "blocked", "down"]
