import pytest

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.lane.consumer import ConsumerChannel, ReplyChannel
from tests.contracts.brokers.kit import Inbox
from tests.contracts.brokers.rabbitmq.fakes import DeadEnd, content, deliver


@pytest.fixture
def wire() -> DeadEnd:
    return DeadEnd()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def consumer(wire: DeadEnd, inbox: Inbox) -> ConsumerChannel:
    return ConsumerChannel(wire, 1, 4096, "q", inbox)


def feed(channel: ConsumerChannel, message: Message, *, redelivered: bool = False) -> None:
    channel.on_content(deliver(7, redelivered=redelivered), *content(message))


def test_a_delivery(consumer: ConsumerChannel, inbox: Inbox) -> None:
    """A delivery knows its message, its queue, and whether it came before."""
    feed(consumer, Message(body=b"x", correlation_id="c"), redelivered=True)
    (delivery,) = inbox.deliveries
    assert (delivery.message.body, delivery.queue, delivery.redelivered) == (b"x", "q", True)
    assert repr(delivery) == "<RabbitDelivery q 'c' open>"
    delivery.ack()
    assert repr(delivery) == "<RabbitDelivery q 'c' settled>"


def test_reply_then_ack_and_once(consumer: ConsumerChannel, inbox: Inbox, wire: DeadEnd) -> None:
    """Reply and ack leave in that order, and nothing leaves after the settlement."""
    feed(consumer, Message())
    (delivery,) = inbox.deliveries
    delivery.publish(Message(), "replies")
    delivery.ack()
    delivery.ack()
    delivery.reject(requeue=True)
    delivery.publish(Message(), "replies")
    assert wire.said == ["Basic.Publish", "Basic.Ack"]


def test_nothing_leaves_after_the_end(
    consumer: ConsumerChannel, inbox: Inbox, wire: DeadEnd
) -> None:
    """A delivery whose connection is gone settles into nothing."""
    feed(consumer, Message())
    consumer.live = False
    (delivery,) = inbox.deliveries
    assert repr(delivery).endswith("gone>")
    delivery.publish(Message(), "replies")
    delivery.reject(requeue=False)
    assert wire.sent == []


def test_idle_is_told(consumer: ConsumerChannel, inbox: Inbox) -> None:
    """Who waits for the last settlement hears of it."""
    idle: list[int] = []
    consumer.on_idle = lambda: idle.append(consumer.unsettled)
    feed(consumer, Message())
    feed(consumer, Message())
    for delivery in inbox.deliveries:
        assert idle == []
        delivery.reject(requeue=True)
    assert idle == [0]


def test_only_a_running_consumer_is_lost(consumer: ConsumerChannel, wire: DeadEnd) -> None:
    """A channel closed while it is being opened is an answer; later it is a loss."""
    consumer.on_closed("no queue")
    assert wire.lost_because == ""
    consumer.established = True
    consumer.on_closed("its queue is gone")
    assert wire.lost_because == "q: its queue is gone"


def test_replies(wire: DeadEnd) -> None:
    """Replies are messages at once, without anything to settle."""
    heard: list[Message] = []
    channel = ReplyChannel(wire, heard.append)
    for message in (Message(body=b"x"), Message(type="y")):
        channel.on_content(deliver(), *content(message))
    assert heard == [Message(body=b"x"), Message(type="y")]
    channel.on_closed("deleted")
    assert wire.lost_because == "the reply queue: deleted"
