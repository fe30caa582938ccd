from pamqp import commands

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.lane.asker import Asker
from contracts.fault import Fault
from tests.contracts.brokers.rabbitmq.fakes import DeadEnd, content, payload


def test_what_comes_back_is_told_by_its_id() -> None:
    """A return names the queue, its properties the call; the body is of no interest."""
    wire, refused = DeadEnd(), list[tuple[str, Fault]]()
    asker = Asker(wire, 3, 4096, lambda number, fault: refused.append((number, fault)))
    asker.ask(Message(correlation_id="7"), "q")
    returned = payload(commands.Basic.Return(312, "NO_ROUTE", "", "q"))
    asker.on_content(returned, *content(Message(correlation_id="7", body=b"x")))
    ((number, fault),) = refused
    assert number == "7"
    assert str(fault) == "no_route: no queue takes it: queue q"


def test_a_lost_channel_is_a_lost_connection() -> None:
    """Nobody is told one by one: the state says it to all."""
    wire, refused = DeadEnd(), list[object]()
    asker = Asker(wire, 3, 4096, lambda *what: refused.append(what))
    asker.lost("gone")
    asker.on_closed("closed by the broker")
    assert refused == []
    assert wire.lost_because == "closed by the broker"
    assert repr(asker) == "<Asker channel=3>"
