"""Copies of calls."""

import asyncio
from collections.abc import Callable
from typing import Any

from contracts.brokers.port import Message
from contracts.call import Call
from contracts.deadline import now_ms
from contracts.fault import Fault
from ingress.compile import DIALECTS
from ingress.mirror.mirrors import NOBODY, Mirrors
from ingress.plan import Target

TARGET = Target(operation="s.copy", dialect=DIALECTS["queuegate"], routing_key="shadow")
CALL = Call(id="1", operation="s.o", route="GET /a", attempt=3)


class Slow:
    """A broker that confirms when it is told to."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault
        self.sent: list[tuple[Message, str]] = []
        self.outcomes: list[Callable[[Fault | None], None]] = []

    def publish(self, message: Message, *, routing_key: str, **given: Any) -> None:
        if self.fault:
            raise self.fault
        self.sent.append((message, routing_key))
        self.outcomes.append(given["on_outcome"])


async def copies(broker: Slow, number: int) -> list[tuple[str, str]]:
    counted: list[tuple[str, str]] = []
    mirrors = Mirrors(broker, lambda *one: counted.append(one))  # type: ignore[arg-type]
    copy = mirrors.to(TARGET, 2.0, 2)
    for _ in range(number):
        copy(CALL)
    assert broker.sent == []
    await asyncio.sleep(0)
    for outcome in broker.outcomes:
        outcome(None)
    copy(CALL)
    await asyncio.sleep(0)
    return counted


async def test_a_copy_is_marked_and_expires_and_asks_for_no_answer() -> None:
    """It goes out on a turn of its own, as a first attempt, and to the mirror's operation."""
    broker = Slow()
    await copies(broker, 1)
    message, key = broker.sent[0]
    assert key == "shadow"
    assert (message.headers["x-mirror"], message.headers["x-operation"]) == ("GET /a", "s.copy")
    assert (message.headers["x-attempt"], message.expiration_ms) == (1, 2000)
    assert message.reply_to == NOBODY
    assert 0 < message.headers["x-deadline"] - now_ms() <= 2000


async def test_what_the_broker_has_not_confirmed_is_bounded() -> None:
    """More are dropped and counted; what was confirmed makes room."""
    broker = Slow()
    assert await copies(broker, 5) == [("GET /a", "dropped")] * 3 + [("GET /a", "sent")] * 2
    assert len(broker.sent) == 3


async def test_a_broker_that_is_away_hurts_nobody() -> None:
    """The fault is counted, and the place is free again."""
    assert await copies(Slow(Fault("broker_down")), 2) == [("GET /a", "broker_down")] * 3
