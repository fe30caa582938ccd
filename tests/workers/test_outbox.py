from typing import Any

import pytest

from contracts.brokers.port import Delivery, Message
from contracts.call import Call, Reply
from contracts.dialects import dialect
from contracts.fault import Fault
from tests.workers.slip import Slip
from workers.context import Context
from workers.dead_letters import DeadLetters
from workers.outbox import Outbox
from workers.service import Service
from workers.stats import Stats


class Kept(DeadLetters):
    """Notes what it is to keep, and keeps nothing."""

    def __init__(self) -> None:
        self.reasons: list[tuple[str, str]] = []

    def keep(self, delivery: Delivery, reason: str, detail: str = "") -> None:
        self.reasons.append((reason, detail))

    def settle(self, delivery: Delivery) -> None:
        if not self.reasons:
            delivery.ack()


def _outbox(**settings: Any) -> tuple[Outbox, Stats]:
    service, stats = Service("shop", **settings), Stats()
    return Outbox(service, dialect(service.dialect), stats, Kept()), stats


def _kept(outbox: Outbox) -> list[tuple[str, str]]:
    """Give what is kept, as reason and detail."""
    assert isinstance(outbox._letters, Kept)
    return outbox._letters.reasons


def _context() -> Context:
    return Context(Call(id="r-1", operation="shop.add"))


def test_a_refusal_is_a_reply_first_and_an_ack_second() -> None:
    """A refused call hears why before its message is acked."""
    (outbox, stats), slip = _outbox(), Slip()
    outbox.refuse(slip, Fault("deadline"))
    assert slip.done == ["publish replies", "ack"]
    assert stats.faults == {"deadline": 1}


def test_a_buried_message_is_answered_and_kept() -> None:
    """What makes no call is answered and kept with the reason; the ack waits until it is kept."""
    (outbox, _), slip = _outbox(), Slip(body=b"?")
    outbox.bury(slip, Fault("invalid_request", "no msgpack"))
    assert slip.done == ["publish replies"]
    assert _kept(outbox) == [("invalid_request", "no msgpack")]


def test_a_dead_letter_may_have_another_reason_than_its_caller_hears() -> None:
    """The caller of a message that kills workers hears ``worker_lost``; the letter says why."""
    (outbox, _), slip = _outbox(), Slip()
    outbox.bury(slip, Fault("worker_lost", "5 workers"), "delivery_limit")
    assert slip.sent[0].headers["x-error-code"] == "worker_lost"
    assert _kept(outbox)[0] == ("delivery_limit", "5 workers")


def test_a_fault_that_nobody_waits_for_is_kept() -> None:
    """What failed for a message without ``reply_to`` would be lost if its letter were not kept."""
    (outbox, _), slip = _outbox(), Slip(reply_to="")
    outbox.refuse(slip, Fault("unknown_operation", "no such thing"))
    assert slip.done == []
    assert _kept(outbox) == [("unknown_operation", "no such thing")]


def test_a_call_given_back_is_a_new_message_unless_it_was_marked_before() -> None:
    """An unbegun call goes back unmarked; one that was marked already is rejected."""
    outbox, _ = _outbox()
    fresh, marked, stuck = Slip(), Slip(redelivered=True), Slip(refuses="shop")
    for slip in (fresh, marked, stuck):
        outbox.give_back(slip)
    assert fresh.done == ["publish shop", "ack"]
    assert fresh.sent == [fresh.message]
    assert marked.done == stuck.done == ["reject requeue=True"]


def test_a_reply_that_cannot_be_sent_makes_a_dead_letter(lines: list[dict[str, str]]) -> None:
    """When the queue for the reply cannot be named, the call is kept for a person."""
    (outbox, _), slip = _outbox(), Slip(refuses="replies")
    outbox.answer(slip, Reply(body=b"x"), _context())
    ((reason, detail),) = _kept(outbox)
    assert reason == "reply_not_sent"
    assert "cannot be sent" in detail
    assert lines[0]["request_id"] == "r-1"


def test_a_delivery_that_nothing_can_be_sent_for_ends_nothing() -> None:
    """When no reply can be sent nothing is raised, and the call is kept."""

    class Broken(Slip):
        def publish(self, message: Message, routing_key: str) -> None:
            raise RuntimeError("no channel")

    (outbox, _), slip = _outbox(), Broken()
    outbox.refuse(slip, Fault("deadline"))
    assert slip.done == []
    assert len(_kept(outbox)) == 1


@pytest.mark.parametrize("speaks", ["queuegate", "queuegate-json", "raw"])
def test_a_reply_that_is_too_large_is_worker_error(speaks: str) -> None:
    """A reply above ``max_reply`` is ``worker_error``, in every dialect, and counted."""
    (outbox, stats), slip = _outbox(max_reply=10, dialect=speaks), Slip()
    outbox.answer(slip, Reply(body=b"x" * 11, worker_us=5), _context())
    assert slip.sent[0].headers["x-error-code"] == "worker_error"
    assert slip.sent[0].headers["x-worker-us"] == 5
    assert stats.faults == {"worker_error": 1}


def test_a_reply_without_address_is_not_sent() -> None:
    """A call that wants no reply gets none."""
    (outbox, _), slip = _outbox(), Slip(reply_to="")
    outbox.answer(slip, Reply(), _context())
    assert slip.done == []
