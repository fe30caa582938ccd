from collections.abc import Callable

import pytest

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import bundle
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


class Turn(DeadEnd):
    """A wire that keeps last words for the end of the turn, as the real one does."""

    def __init__(self) -> None:
        super().__init__()
        self._closers: list[Callable[[], bytes]] = []

    def send_last(self, closer: Callable[[], bytes]) -> None:
        self._closers.append(closer)

    def end(self) -> None:
        """End the turn."""
        closers, self._closers = self._closers, []
        self.sent += [closer() for closer in closers]


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


def test_answers_to_one_queue_leave_together_before_their_acks(inbox: Inbox) -> None:
    """In one turn there is one message of answers, and behind it one ack, whatever came first."""
    wire = Turn()
    consumer = ConsumerChannel(wire, 1, 4096, "q", inbox)
    for tag in (1, 2, 3):
        consumer.on_content(deliver(tag), *content(Message()))
    first, *others = inbox.deliveries
    first.ack()  # of accepted work, which nobody waits for
    for delivery in others:
        delivery.publish(Message(correlation_id="c"), "gateway.bundles")
        delivery.ack()
    assert wire.said == []
    wire.end()
    assert wire.said == ["Basic.Publish", "Basic.Ack"]


def test_an_answer_leaves_before_the_reject(inbox: Inbox) -> None:
    """What was said of a delivery is said before it is given back or buried."""
    wire = Turn()
    consumer = ConsumerChannel(wire, 1, 4096, "q", inbox)
    feed(consumer, Message())
    (delivery,) = inbox.deliveries
    delivery.publish(Message(correlation_id="c"), "gateway.bundles")
    delivery.reject(requeue=False)
    assert wire.said == ["Basic.Publish", "Basic.Reject"]
    wire.end()
    assert wire.said == ["Basic.Publish", "Basic.Reject"]


def test_acks_behind_a_reject_are_still_one(inbox: Inbox) -> None:
    """A delivery that was given back leaves no gap that has all later ones said one by one."""
    wire = Turn()
    consumer = ConsumerChannel(wire, 1, 4096, "q", inbox)
    for tag in (1, 2, 3):
        consumer.on_content(deliver(tag), *content(Message()))
    rejected, *others = inbox.deliveries
    rejected.reject(requeue=True)
    for delivery in others:
        delivery.ack()
    wire.end()
    assert wire.said == ["Basic.Reject", "Basic.Ack"]


def test_a_large_answer_is_in_no_bundle(inbox: Inbox) -> None:
    """It leaves at once, so that back pressure sees it."""
    wire = Turn()
    consumer = ConsumerChannel(wire, 1, 4096, "q", inbox)
    feed(consumer, Message())
    (delivery,) = inbox.deliveries
    delivery.publish(Message(body=b"x" * (bundle.LARGEST + 1)), "gateway.bundles")
    assert wire.said == ["Basic.Publish"]


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


def test_replies_that_came_together(wire: DeadEnd) -> None:
    """A bundle is taken apart; what is damaged in one is an answer to nobody, and ends it."""
    heard: list[Message] = []
    channel = ReplyChannel(wire, heard.append)
    header, body = bundle.join([content(Message(body=b"1")), content(Message(body=b"2"))])
    channel.on_content(deliver(), header, body)
    channel.on_content(deliver(), header, body[:-1])
    channel.on_content(deliver(), header, b"garbage")
    channel.on_content(deliver(), *content(Message(body=b"3")))
    assert [one.body for one in heard] == [b"1", b"2", b"1", b"", b"", b"3"]
    assert [one.correlation_id for one in heard if one.type == bundle.TYPE] == ["", ""]
    assert wire.lost_because == ""
