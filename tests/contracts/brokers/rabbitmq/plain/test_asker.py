from contracts.brokers.port import Message, OnOutcome
from contracts.brokers.rabbitmq.plain.asker import PlainAsker
from contracts.fault import Fault


class Publisher:
    """Gives each message the next outcome at once."""

    def __init__(self, *outcomes: Fault | None) -> None:
        self.outcomes = list(outcomes)
        self.reasons: list[str] = []

    def publish(self, message: Message, routing_key: str, exchange: str, hear: OnOutcome) -> None:
        hear(self.outcomes.pop(0))

    def lost(self, reason: str) -> None:
        self.reasons.append(reason)


def test_only_what_no_queue_took_is_told() -> None:
    """As in the lane: a confirm, a full queue and a loss are nothing to tell one by one."""
    told: list[tuple[str, str]] = []
    publisher = Publisher(None, Fault("busy"), Fault("broker_down"), Fault("no_route"))
    asker = PlainAsker(publisher, lambda number, fault: told.append((number, fault.code)))  # type: ignore[arg-type]
    for number in range(4):
        asker.ask(Message(correlation_id=str(number)), "q", 8)
    assert told == [("3", "no_route")]
    asker.lost("gone")
    assert publisher.reasons == ["gone"]
    assert "PlainAsker" in repr(asker)
