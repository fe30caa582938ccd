import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.auth.forward.operation import Operation
from ingress.auth.forward.question import question
from ingress.auth.forward.verdict import NO, Verdict
from ingress.auth.http_client import Unreachable
from tests.ingress.auth.asking import bearer

ASKED = question(bearer("t"), ["authorization"])


class Worker:
    """Replies as told, and remembers what came."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.calls: list[tuple[Call, float]] = []

    async def __call__(self, call: Call, within: float) -> Reply:
        self.calls.append((call, within))
        return self.reply


async def decide(reply: Reply) -> Verdict:
    return await Operation("auth.check", Worker(reply), 2.0, ["x-mail"]).decide(ASKED)


async def test_the_operation_gets_the_request() -> None:
    """Method, path, query and what was shown, with a deadline, and no body."""
    worker = Worker(Reply.json({"id": "ann", "scopes": ["read"], "fields": {"X-Mail": "a@b"}}))
    one = Operation("auth.check", worker, 2.0, ["x-mail"])
    verdict = await one.decide(ASKED)
    assert (verdict.who, verdict.fields) == (
        {"id": "ann", "scopes": ["read"]},
        (("x-mail", "a@b"),),
    )
    call, within = worker.calls[0]
    assert (call.operation, call.service, call.method, within) == (
        "auth.check",
        "auth",
        "POST",
        2.0,
    )
    assert call.header("authorization") == "Bearer t"
    assert (call.body, call.deadline > 0) == (b"", True)
    assert repr(one) == "<Operation auth.check>"
    await one.close()


async def test_faults_and_statuses_decide() -> None:
    """Unauthenticated is a no, forbidden is told, and whatever else is no decision."""
    assert await decide(Reply.of_fault(Fault("unauthenticated"))) == NO
    assert await decide(Reply(status=401)) == NO
    assert await decide(Reply(status=204)) == Verdict({})
    for reply in (Reply.of_fault(Fault("forbidden")), Reply(status=403)):
        with pytest.raises(Fault, match="forbidden"):
            await decide(reply)
    for code in ("deadline", "no_route", "broker_down", "worker_error", "busy"):
        with pytest.raises(Unreachable):
            await decide(Reply.of_fault(Fault(code)))
    with pytest.raises(Unreachable):
        await decide(Reply(status=500))


@pytest.mark.parametrize(
    "body",
    [b"null", b"[]", b'"ann"', b"x", b'{"id":"a","id":"b"}', b'{"fields":5}',
     b'{"fields":{"x-mail":5}}', b'{"fields":{"x-mail":"a\\r\\nb: c"}}'],
)  # fmt: skip
async def test_a_reply_that_cannot_be_read_is_no_decision(body: bytes) -> None:
    """Neither a yes nor a no comes of it."""
    with pytest.raises(Unreachable):
        await decide(Reply(body=body))


async def test_only_named_fields_go_on() -> None:
    """What the settings do not name stays here."""
    verdict = await decide(Reply.json({"id": "ann", "fields": {"x-admin": "1"}}))
    assert verdict.fields == ()
