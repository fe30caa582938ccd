from typing import Any

import pytest

from contracts.brokers.port import LARGEST_LOT, Message, Queue
from contracts.brokers.rabbitmq import RabbitMQBroker, bundle, frames
from contracts.brokers.rabbitmq.bundled import BundledDelivery, taken_apart
from contracts.brokers.rabbitmq.properties import read_properties
from tests.contracts.brokers.kit import Inbox, consuming, ready_messages, up
from tests.contracts.brokers.rabbitmq.kit import RabbitKit
from tests.harness.waiting import eventually


class Outer:
    """A delivery of a bundle, and what is said of it."""

    queue = "q"

    def __init__(self, message: Message, *, redelivered: bool = False) -> None:
        self.message = message
        self.redelivered = redelivered
        self.said: list[Any] = []

    def __repr__(self) -> str:
        return "<Outer>"

    def publish(self, message: Message, routing_key: str) -> None:
        self.said.append((message.body, dict(message.headers), routing_key))

    def ack(self) -> None:
        self.said.append("ack")

    def reject(self, *, requeue: bool) -> None:
        self.said.append(f"reject {requeue}")


def bundle_of(*messages: Message, **settings: Any) -> Message:
    """Give the message that these are in."""
    _, body = bundle.join([(frames.content_header(one, "q"), one.body) for one in messages])
    return Message(type=bundle.TYPE, body=body, **settings)


def parts_of(outer: Outer) -> list[BundledDelivery]:
    """Take a bundle apart; give nothing when it is given back as it is."""
    parts = taken_apart(outer, read_properties)
    return [] if parts == (outer,) else [one for one in parts if isinstance(one, BundledDelivery)]


@pytest.fixture
def outer() -> Outer:
    return Outer(bundle_of(*(Message(body=b"%d" % number) for number in range(3))))


def test_the_last_settles_the_message(outer: Outer) -> None:
    """The broker hears an ack when all are settled, once, in whatever order they are."""
    first, second, third = parts_of(outer)
    third.ack()
    third.ack()
    first.ack()
    assert outer.said == []
    assert (repr(second), repr(first)) == (
        "<BundledDelivery q '' open>",
        "<BundledDelivery q '' settled>",
    )
    assert repr(second.whole) == "<Whole 1 left of <Outer>>"
    second.ack()
    assert outer.said == ["ack"]


def test_an_answer_leaves_before_the_message_is_settled(outer: Outer) -> None:
    """Each publishes until it is settled, and not after."""
    for part in parts_of(outer):
        part.publish(Message(body=b"answer"), "replies")
        part.ack()
        part.publish(Message(body=b"late"), "replies")
    assert outer.said == [(b"answer", {}, "replies")] * 3 + ["ack"]


def test_one_that_is_given_back_says_how_often_it_came(outer: Outer) -> None:
    """It goes to the end of its queue by itself; the broker's mark would be the whole's."""
    first, second, third = parts_of(outer)
    first.ack()
    second.reject(requeue=True)
    second.reject(requeue=True)
    third.reject(requeue=False)
    assert outer.said == [(b"1", {"x-attempts": 1}, "q"), (b"2", {}, "q.dead"), "ack"]


def test_attempts_are_counted_on() -> None:
    """What was given back before, or came again with its bundle, has one attempt more."""
    counted = Message(body=b"0", headers={"x-attempts": 2})
    outer = Outer(bundle_of(counted, Message(body=b"1")), redelivered=True)
    for part in parts_of(outer):
        assert part.redelivered
        part.reject(requeue=True)
    assert outer.said == [(b"0", {"x-attempts": 3}, "q"), (b"1", {"x-attempts": 1}, "q"), "ack"]


def test_what_the_broker_wrote_on_the_message_holds_for_each() -> None:
    """Deaths and deliveries of a bundle are those of the calls in it."""
    inner = Message(headers={"x-operation": "a.b"})
    outer = Outer(bundle_of(inner, inner, headers={"x-delivery-count": 2}))
    for part in parts_of(outer):
        assert part.message.headers == {"x-operation": "a.b", "x-delivery-count": 2}


def test_what_is_let_go_comes_back_once(outer: Outer) -> None:
    """When some are settled the others are given back; when none is, the whole is."""
    parts = parts_of(outer)
    parts[0].whole.let_go()
    assert outer.said == []
    parts[1].ack()
    parts[0].whole.let_go()
    assert [one[0] if one != "ack" else one for one in outer.said] == [b"0", b"2", "ack"]


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_damaged_one_is_no_bundle(outer: Outer, cut: int) -> None:
    """Nothing of it is begun: it is a message like any other, and makes no call."""
    outer.message = Message(type=bundle.TYPE, body=outer.message.body[:-cut])
    assert parts_of(outer) == []
    for none in (Message(type=bundle.TYPE), Message(type="req", body=b"x")):
        outer.message = none
        assert parts_of(outer) == []


@pytest.mark.parametrize("more", [0, 1])
def test_a_bundle_has_a_bounded_number_of_calls(more: int) -> None:
    """What has more of them is none: a small message must not fill a worker's memory."""
    outer = Outer(bundle_of(*[Message(body=b"x")] * (LARGEST_LOT + more)))
    assert len(parts_of(outer)) == (0 if more else LARGEST_LOT)


async def asking(kit: RabbitKit) -> RabbitMQBroker:
    """Make a client that bundles what it asks, whatever the others do."""
    gateway = RabbitMQBroker(kit.url)
    kit.clients.append(gateway)
    gateway.replies(print)
    gateway.start()
    await gateway.ready(10)
    await gateway.declare(Queue(name="q"))
    return gateway


async def test_workers_with_the_lane_and_without_take_bundles(kit: RabbitKit) -> None:
    """Many calls are one message to the broker, and each a delivery to whoever consumes."""
    gateway = await asking(kit)
    for number in range(5):
        gateway.ask(Message(correlation_id=str(number)), "q", lot=8)
    await eventually(lambda: _ready(gateway, 1))
    worker, inbox = await up(kit), Inbox(ack=True)
    await consuming(worker, "q", inbox)
    await inbox.wait(5)
    assert [one.message.correlation_id for one in inbox.deliveries] == ["0", "1", "2", "3", "4"]


async def test_what_may_not_be_in_a_bundle_is_sent_alone(kit: RabbitKit) -> None:
    """A large one, one with a priority, and one for whom one at a time is enough."""
    gateway = await asking(kit)
    for _ in range(2):
        gateway.ask(Message(body=bytes(bundle.LARGEST + 1)), "q", lot=8)
        gateway.ask(Message(priority=1), "q", lot=8)
        gateway.ask(Message(), "q", lot=1)
    await eventually(lambda: _ready(gateway, 6))


async def test_what_is_no_bundle_after_all_is_a_delivery(kit: RabbitKit) -> None:
    """Whoever reads the queue has to deal with it, so it is not hidden."""
    gateway = await asking(kit)
    bad = Message(type=bundle.TYPE, body=b"garbage")
    gateway.publish(bad, routing_key="q")
    gateway.publish(bad, routing_key="q")
    pull = await gateway.pull("q")
    await eventually(lambda: _ready(gateway, 2))
    delivery = await pull.take()
    assert delivery is not None
    assert delivery.message.body == b"garbage"
    delivery.ack()
    await pull.close()
    worker, inbox = await up(kit), Inbox(ack=True)
    await consuming(worker, "q", inbox)
    await inbox.wait(1)
    assert inbox.bodies == [b"garbage"]


async def test_a_bundle_lives_as_long_as_the_longest_in_it(kit: RabbitKit) -> None:
    """The broker drops it when the last of the calls in it is over."""
    gateway = await asking(kit)
    for life in (30, 200, 40):
        gateway.ask(Message(expiration_ms=life), "q", lot=8)
    await eventually(lambda: _ready(gateway, 1))
    await eventually(lambda: _ready(gateway, 0))


async def _ready(client: RabbitMQBroker, count: int) -> bool:
    return await ready_messages(client, "q") == count
