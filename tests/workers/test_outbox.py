from typing import Any

import pytest

from contracts.brokers.port import Message
from contracts.call import Call, Reply
from contracts.dialects import dialect
from contracts.fault import Fault
from tests.workers.slip import Slip
from workers.context import Context
from workers.outbox import Outbox, dead_queue
from workers.service import Service
from workers.stats import Stats


def _outbox(**settings: Any) -> tuple[Outbox, Stats]:
    service, stats = Service("shop", **settings), Stats()
    return Outbox(service, dialect(service.dialect), stats), stats


def _context() -> Context:
    return Context(Call(id="r-1", operation="shop.add"))


def test_a_refusal_is_a_reply_first_and_an_ack_second() -> None:
    """A refused call hears why before its message is acked."""
    (outbox, stats), slip = _outbox(), Slip()
    outbox.refuse(slip, Fault("deadline"))
    assert slip.done == ["publish replies", "ack"]
    assert stats.faults == {"deadline": 1}


def test_a_buried_message_is_answered_kept_and_acked() -> None:
    """What makes no call is answered, kept in the dead queue with the reason, and acked."""
    (outbox, _), slip = _outbox(), Slip(body=b"?", headers={"x-a": 1}, expiration_ms=5)
    outbox.bury(slip, Fault("invalid_request", "no msgpack"))
    assert slip.done == ["publish replies", f"publish {dead_queue('shop')}", "ack"]
    kept = slip.sent[1]
    assert (kept.body, kept.persistent, kept.expiration_ms, kept.reply_to) == (b"?", True, None, "")
    assert kept.headers["x-a"] == 1
    assert kept.headers["x-dead-reason"] == "no msgpack"
    assert kept.headers["x-dead-queue"] == "shop"
    assert kept.headers["x-dead-at"] > 1_700_000_000_000


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
    assert slip.done == ["publish shop.dead"]
    assert "cannot be sent" in slip.sent[0].headers["x-dead-reason"]
    assert lines[0]["request_id"] == "r-1"


def test_a_delivery_that_nothing_can_be_sent_for_ends_nothing() -> None:
    """When the dead letter cannot be sent either, that is logged and nothing is raised."""

    class Broken(Slip):
        def publish(self, message: Message, routing_key: str) -> None:
            raise RuntimeError("no channel")

    (outbox, _), slip = _outbox(), Broken()
    outbox.refuse(slip, Fault("deadline"))
    assert slip.done == ["ack"]


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
