import pytest
from pamqp import commands

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.lane.publisher import Publisher
from contracts.fault import Fault
from tests.contracts.brokers.kit import Outcomes
from tests.contracts.brokers.rabbitmq.fakes import DeadEnd, content, payload


@pytest.fixture
def wire() -> DeadEnd:
    return DeadEnd()


@pytest.fixture
def publisher(wire: DeadEnd) -> Publisher:
    return Publisher(wire, 1, 4096)


def publish(publisher: Publisher, count: int, message: Message | None = None) -> list[Outcomes]:
    everybody = [Outcomes() for _ in range(count)]
    for outcomes in everybody:
        publisher.publish(message or Message(), "q", "", outcomes)
    return everybody


def ack(publisher: Publisher, tag: int, *, multiple: bool = False) -> None:
    publisher.on_confirm(frames.BASIC_ACK, payload(commands.Basic.Ack(tag, multiple)))


def give_back(publisher: Publisher, message: Message) -> None:
    returned = payload(commands.Basic.Return(312, "NO_ROUTE", "", "q"))
    publisher.on_content(returned, *content(message))


def test_confirms_in_any_order(publisher: Publisher) -> None:
    """Each confirm settles its own message, in whatever order they come."""
    first, second, third = publish(publisher, 3)
    ack(publisher, 2)
    assert (first.codes, second.codes, third.codes) == ([], [""], [])
    ack(publisher, 3)
    ack(publisher, 1)
    ack(publisher, 1)
    assert first.codes == third.codes == [""]


def test_one_confirm_for_many(publisher: Publisher) -> None:
    """A confirm of several settles all up to its tag, once each, and no more."""
    everybody = publish(publisher, 4)
    ack(publisher, 2)
    ack(publisher, 3, multiple=True)
    assert [outcomes.codes for outcomes in everybody] == [[""], [""], [""], []]


def test_a_nack_is_busy(publisher: Publisher) -> None:
    """A message that the broker refuses is ``busy``."""
    (outcomes,) = publish(publisher, 1)
    publisher.on_confirm(frames.BASIC_NACK, payload(commands.Basic.Nack(1, multiple=False)))
    assert outcomes.codes == ["busy"]


def test_a_return_comes_before_its_confirm(publisher: Publisher) -> None:
    """A returned message is ``no_route``, and its confirm tells nothing more."""
    message = Message(body=b"x", correlation_id="c-2")
    (other,) = publish(publisher, 1, Message(correlation_id="c-1"))
    (outcomes,) = publish(publisher, 1, message)
    give_back(publisher, message)
    ack(publisher, 2, multiple=True)
    assert (other.codes, outcomes.codes) == ([""], ["no_route"])


def test_twins_are_returned_in_order(publisher: Publisher) -> None:
    """Of messages that look the same, the one sent first is returned first."""
    message = Message(correlation_id="same")
    first, second = publish(publisher, 2, message)
    give_back(publisher, message)
    assert (first.codes, second.codes) == (["no_route"], [])
    give_back(publisher, message)
    give_back(publisher, message)
    assert second.codes == ["no_route"]


def test_mandatory_just_for_who_listens(publisher: Publisher, wire: DeadEnd) -> None:
    """A message without a listener is not returned, and its confirm is ignored."""
    publisher.publish(Message(), "q", "", None)
    publisher.publish(Message(), "q", "", Outcomes())
    flags = [pub.split(b"\x01q", 1)[1][0] for pub in wire.sent]
    assert flags == [0, 1]
    ack(publisher, 1)


def test_a_loss_is_told_to_all(publisher: Publisher) -> None:
    """When the connection is lost everybody hears that it may have got through."""
    everybody = publish(publisher, 3)
    ack(publisher, 1)
    publisher.lost("gone")
    publisher.lost("gone again")
    assert [outcomes.codes for outcomes in everybody] == [[""], ["broker_down"], ["broker_down"]]
    fault = everybody[1].heard[0]
    assert fault is not None
    assert (fault.not_run, fault.detail) == (False, "gone")


def test_what_is_refused_is_not_counted(publisher: Publisher, wire: DeadEnd) -> None:
    """A message that cannot be written, or finds the socket choked, uses up no tag."""
    with pytest.raises(Fault, match="invalid_request"):
        publisher.publish(Message(headers={"a": object()}), "q", "", None)
    wire.full = True
    with pytest.raises(Fault, match="broker_blocked"):
        publisher.publish(Message(), "q", "", None)
    wire.full = False
    (outcomes,) = publish(publisher, 1)
    ack(publisher, 1)
    assert outcomes.codes == [""]


def test_a_closed_channel_is_a_lost_connection(publisher: Publisher, wire: DeadEnd) -> None:
    """When the broker closes the publishing channel, all starts anew."""
    publisher.on_closed("PRECONDITION_FAILED")
    assert wire.lost_because == "PRECONDITION_FAILED"
    assert repr(publisher) == "<Publisher channel=1 outstanding=0>"
