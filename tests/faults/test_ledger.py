"""What the ledger calls a broken promise."""

import pytest

from tests.faults.ledger import Ledger, settle
from tests.faults.load import Kind, Request
from tests.harness.http import Answer

GET = Kind("GET", "/work", 2, idempotent=True)
POST = Kind("POST", "/once", 2, idempotent=False)


def _request(kind: Kind = POST, status: int = 200, took: float = 0.1) -> Request:
    request = Request("r", kind)
    request.answered = request.sent + took
    request.answer = Answer(status, {}, b"") if status else None
    return request


@pytest.mark.parametrize(
    "request_, runs, broken",
    [
        (_request(), 1, []),
        (_request(), 2, ["duplicated"]),
        (_request(), 0, ["lost"]),
        (_request(GET), 2, []),
        (_request(status=503), 0, []),
        (_request(status=503), 1, []),
        (_request(status=504, took=2.05), 1, []),
        (_request(status=504, took=2.2), 1, ["late"]),
        (_request(status=0), 1, ["unanswered"]),
    ],
)
def test_what_is_a_broken_promise(request_: Request, runs: int, broken: list[str]) -> None:
    """Twice where once was promised, well but never run, late, and not at all: each is told."""
    ledger = settle([request_], {"r": runs})
    names = ("duplicated", "lost", "late", "unanswered")
    assert [name for name in names if getattr(ledger, name)] == broken
    assert len(ledger.broken()) == len(broken)


def test_what_was_accepted_is_done_or_kept() -> None:
    """A 202 whose job neither ran nor is a dead letter is lost; running it twice is allowed."""
    accepting = Kind("POST", "/keep", 2, idempotent=True)
    request = _request(accepting, status=202)
    assert settle([request], {"r": 2}).broken() == []
    kept = settle([request], {}, kept={"r"})
    assert (kept.broken(), kept.accepted, kept.kept) == ([], 1, 1)
    assert settle([request], {}).lost == 1


def test_a_machine_that_gives_no_turn_is_counted_apart() -> None:
    """Late by as much as its gateway waited for a CPU is the machine's doing; by more is ours."""
    excused, late = _request(took=2.3), _request(took=2.5)
    excused.starved = late.starved = 0.25
    ledger = settle([excused, late], {"r": 1})
    assert (ledger.starved, ledger.late) == (1, 1)
    assert ledger.broken() == ["1 answered more than 100 ms after the deadline"]


def test_a_client_that_left_is_owed_nothing() -> None:
    """Who hung up is counted apart; its call may still run only once."""
    request = _request(status=0)
    request.left = True
    assert settle([request], {"r": 1}).broken() == []
    assert settle([request], {"r": 2}).duplicated == 1


def test_a_failure_in_calm_is_no_recovery() -> None:
    """A fault long after the trouble is told, unless the operation is one that takes too long."""
    slow = Kind("POST", "/hang", 2, idempotent=False, overruns=True)
    requests = [_request(status=504, took=2), _request(slow, status=504, took=2)]
    assert settle(requests, {}, calm=lambda _: True).unrecovered == 1
    assert settle(requests, {}, calm=lambda _: False).unrecovered == 0


def test_a_little_more_memory_is_allowed() -> None:
    """Five per cent are, six are not."""
    assert Ledger(grown=5.0).broken() == []
    assert Ledger(grown=6.0).broken() == [
        "6 % more memory at the end than after the warm-up, 5 are allowed"
    ]
