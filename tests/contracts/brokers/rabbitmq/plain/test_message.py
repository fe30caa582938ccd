import pytest
from aio_pika import IncomingMessage
from aiormq.abc import DeliveredMessage
from hypothesis import given
from pamqp import commands, header

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.plain.message import from_aio_pika, to_aio_pika
from contracts.fault import Fault
from tests.contracts.brokers.rabbitmq.strategies import MESSAGES
from tests.contracts.brokers.rabbitmq.test_frames import UNUSABLE


def sent(message: Message) -> Message:
    """Send a message through pamqp's bytes."""
    made = to_aio_pika(message, "q")
    written = header.ContentHeader(0, len(made.body), made.properties).marshal()
    read = header.ContentHeader()
    read.unmarshal(written)
    delivered = DeliveredMessage(commands.Basic.Deliver("t", 1), read, made.body, None)  # type: ignore[arg-type]
    return from_aio_pika(IncomingMessage(delivered, no_ack=True))


# pamqp takes later timestamps for milliseconds.
PLAUSIBLE = MESSAGES.filter(lambda message: (message.timestamp or 0) < 2**32)


@given(PLAUSIBLE)
def test_messages_survive_aio_pika(message: Message) -> None:
    """A message comes back the same, but for a priority of 0, which is none."""
    again = sent(message)
    assert again == Message(
        **{
            **{name: getattr(message, name) for name in message.__struct_fields__},
            "priority": message.priority or None,
        }
    )


@pytest.mark.parametrize("message", UNUSABLE, ids=repr)
def test_what_cannot_be_carried(message: Message) -> None:
    """What AMQP has no form for is an ``invalid_request`` at once, as on the lane."""
    with pytest.raises(Fault, match="invalid_request"):
        to_aio_pika(message, "q")
