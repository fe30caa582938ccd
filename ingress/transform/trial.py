"""A route's transformation tried on a body, without a gateway: what goes in, and what comes out."""

from typing import Any

import msgspec

from contracts.call import Call, Caller, Reply
from contracts.fault import Fault
from ingress import content
from ingress.plan import Plan
from ingress.policies.transform import Transform


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request or a reply as people see it; ``body`` is its value, or else its text."""

    status: int = 0
    path: dict[str, str] = {}
    query: str = ""
    headers: dict[str, str] = {}
    body: Any = None


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What went in and what came out; ``fault`` is what a client would be told instead."""

    route: str
    side: str
    before: Message
    after: Message | None = None
    fault: dict[str, Any] | None = None


class _Seen:
    """The little of a Flow that the policy looks at."""

    def __init__(self, call: Call, reply: Reply | None) -> None:
        self.call = call
        self.reply = reply
        self.notes: dict[str, Any] = {}


def try_request(plan: Plan, call: Call) -> Trial:
    """Make the request that the worker of a route would get."""
    seen = _Seen(call, None)
    before = _request(call)
    try:
        _policy(plan).admit(seen)  # type: ignore[arg-type]
    except Fault as fault:
        return Trial(route=plan.name, side="request", before=before, fault=fault.problem())
    return Trial(route=plan.name, side="request", before=before, after=_request(seen.call))


def try_reply(plan: Plan, call: Call, reply: Reply) -> Trial:
    """Make the reply that the client of a route would get."""
    seen = _Seen(call, reply)
    before = _reply(reply)
    try:
        _policy(plan).settle(seen)  # type: ignore[arg-type]
    except Fault as fault:
        return Trial(route=plan.name, side="reply", before=before, fault=fault.problem())
    return Trial(route=plan.name, side="reply", before=before, after=_reply(seen.reply or reply))


def transforms(plan: Plan) -> bool:
    """Say whether a route has anything to try."""
    return any(isinstance(policy, Transform) for policy in plan.policies)


def call_of(plan: Plan, body: bytes, **parts: Any) -> Call:  # noqa: ANN401 - the fields of a Call
    """Make a call of a route, from nobody."""
    return Call(
        id="trial",
        operation=plan.target.operation,
        method=plan.method,
        path=plan.pattern,
        body=body,
        caller=Caller(),
        **parts,
    )


def _policy(plan: Plan) -> Transform:
    return next(one for one in plan.policies if isinstance(one, Transform))


def _request(call: Call) -> Message:
    return Message(
        path=dict(call.params),
        query=call.query,
        headers=dict(call.headers),
        body=_value(call.header("content-type"), call.body),
    )


def _reply(reply: Reply) -> Message:
    return Message(
        status=reply.status,
        headers=dict(reply.headers),
        body=_value(reply.header("content-type"), reply.body),
    )


def _value(content_type: str, body: bytes) -> Any:  # noqa: ANN401 - JSON
    parse = content.parser_of(content.kind_of(content_type))
    try:
        return parse(body) if parse and body else body.decode(errors="replace") or None
    except Fault:
        return body.decode(errors="replace")
