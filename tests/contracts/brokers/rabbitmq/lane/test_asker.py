import pytest
from pamqp import commands

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import bundle
from contracts.brokers.rabbitmq.lane.asker import Asker
from contracts.fault import Fault
from tests.contracts.brokers.rabbitmq.fakes import DeadEnd, content, payload


def test_what_comes_back_is_told_by_its_id() -> None:
    """A return names the queue, its properties the call; the body is of no interest."""
    wire, refused = DeadEnd(), list[tuple[str, Fault]]()
    asker = Asker(wire, 3, 4096, lambda number, fault: refused.append((number, fault)))
    asker.ask(Message(correlation_id="7"), "q", 1)
    returned = payload(commands.Basic.Return(312, "NO_ROUTE", "", "q"))
    asker.on_content(returned, *content(Message(correlation_id="7", body=b"x")))
    ((number, fault),) = refused
    assert number == "7"
    assert str(fault) == "no_route: no queue takes it: queue q"


def test_each_of_those_that_come_back_together_is_told() -> None:
    """The calls of a bundle that no queue takes end one by one."""
    refused: list[str] = []
    asker = Asker(DeadEnd(), 3, 4096, lambda number, _: refused.append(number))
    parts = [content(Message(correlation_id=number, body=b"x")) for number in ("7", "8")]
    returned = payload(commands.Basic.Return(312, "NO_ROUTE", "", "q"))
    asker.on_content(returned, *bundle.join(parts, 100))
    assert refused == ["7", "8"]


def test_a_full_lot_leaves_at_once() -> None:
    """So no message has more calls than its queue takes; the rest leaves at the end of the turn."""
    wire = DeadEnd()
    closers: list[object] = []
    wire.send_last = closers.append  # type: ignore[method-assign, assignment]
    asker = Asker(wire, 3, 4096, print)
    for _ in range(7):
        asker.ask(Message(correlation_id="c"), "q", 3)
    assert wire.said == ["Basic.Publish"] * 2
    assert len(closers) == 1


def test_nothing_is_asked_of_a_broker_that_does_not_read() -> None:
    """What waits in bundles is bounded as all else is."""
    wire = DeadEnd()
    wire.full = True
    asker = Asker(wire, 3, 4096, print)
    with pytest.raises(Fault, match="broker_blocked"):
        asker.ask(Message(), "q", 8)
    assert wire.sent == []


def test_a_lost_channel_is_a_lost_connection() -> None:
    """Nobody is told one by one: the state says it to all."""
    wire, refused = DeadEnd(), list[object]()
    asker = Asker(wire, 3, 4096, lambda *what: refused.append(what))
    asker.lost("gone")
    asker.on_closed("closed by the broker")
    assert refused == []
    assert wire.lost_because == "closed by the broker"
    assert repr(asker) == "<Asker channel=3>"
