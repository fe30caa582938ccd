"""The gateway's half."""

import pytest
from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import Call, Caller
from contracts.callers import signer as signers
from contracts.callers.keys import read_keys
from contracts.callers.signer import Signer
from contracts.callers.statement import Statement
from contracts.callers.verifier import Verifier
from tests.contracts.callers.rings import PUBLIC, SECRET, ring

(KEY,) = read_keys(ring(SECRET))
CALL = Call(
    id="r-1",
    operation="orders.get",
    route="GET /orders/{id}",
    caller=Caller(id="ann", scopes=("read",), groups=("staff",)),
    deadline=1_700_000_005_001,
)
NOW = 1_700_000_000.7


def signer(covers: signers.Covers = "call", ttl: int = 10) -> Signer:
    return Signer(KEY, covers=covers, ttl=ttl, clock=lambda: NOW)


def said(one: Signer, call: Call = CALL, body: bytes = b"b") -> Statement:
    message = Message(body=body, headers={"x-caller": one.token(call, Message(body=body))})
    return Verifier([KEY], clock=lambda: NOW).verify(call, message)


def test_it_states_who_asks_for_what_until_when() -> None:
    """Until the second in which the call's deadline is."""
    statement = said(signer())
    assert (statement.iss, statement.aud, statement.op) == ("queuegate", "orders", "orders.get")
    assert (statement.sub, statement.scopes, statement.groups) == ("ann", ("read",), ("staff",))
    assert (statement.route, statement.jti) == ("GET /orders/{id}", "r-1")
    assert (statement.iat, statement.exp) == (1_700_000_000, 1_700_000_006)


def test_accepted_work_has_days() -> None:
    """It has no deadline, and waits in its queue for as long as it takes."""
    statement = said(signer(), replace(CALL, deadline=0))
    assert statement.exp == 1_700_000_000 + signers.ACCEPTED_FOR


def test_accepted_work_is_signed_call_by_call() -> None:
    """A statement that holds for days must not stand beside other words."""
    statement = said(signer("caller"), replace(CALL, deadline=0))
    assert (statement.jti, bool(statement.sha256)) == ("r-1", True)


def test_nobody_is_stated_too() -> None:
    """So that a worker can tell a caller that nobody knows from a forged message."""
    assert said(signer(), replace(CALL, caller=Caller())).sub == ""


def test_a_statement_about_a_caller_is_signed_once() -> None:
    """For all calls on a route that are over within its time."""
    one = signer("caller")
    first = one.token(CALL, Message())
    assert one.token(replace(CALL, id="r-2"), Message(body=b"other")) == first
    assert one.token(replace(CALL, deadline=CALL.deadline + 9000), Message()) == first
    assert one.token(replace(CALL, deadline=CALL.deadline + 11_000), Message()) != first
    assert said(signer("caller")).exp == 1_700_000_016


@pytest.mark.parametrize(
    "change", [{"caller": Caller(id="bob")}, {"route": "GET /x"}, {"operation": "orders.list"}]
)
def test_another_caller_or_route_has_another(change: dict[str, object]) -> None:
    """Nothing of one is given to another."""
    one = signer("caller")
    assert one.token(CALL, Message()) != one.token(replace(CALL, **change), Message())


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers come and go by the million."""
    monkeypatch.setattr(signers, "_MOST", 3)
    one = signer("caller")
    for number in range(10):
        one.token(replace(CALL, caller=Caller(id=str(number))), Message())
    assert len(one._kept) <= 3


def test_a_public_key_signs_nothing() -> None:
    """Told at the start, not at the first call."""
    (public,) = read_keys(ring(PUBLIC))
    with pytest.raises(ValueError, match="cannot sign"):
        Signer(public)
    assert repr(signer()) == "<Signer <Hmac secret> covers=call>"
