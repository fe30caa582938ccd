"""Calls several operations at once, and merges their answers.

Each branch is a call of its own: retries, breaker and queue are its own, the deadline is that of
the one request. A branch succeeds with a status below 400 and a JSON body or none.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from contracts.call import Reply
from contracts.fault import Fault
from ingress.fanout.sections import PARTIAL
from ingress.flow import Flow

_FIRST_FAILURE: Final = 400

Dispatch = Callable[[Flow], Awaitable[Reply]]


async def gather(flow: Flow, dispatch: Dispatch) -> Reply:
    """Answer a request whose plan has branches; a fault is a Reply with ``fault`` set."""
    plan = flow.plan
    assert plan is not None  # noqa: S101 - the caller asked
    assert plan.fan is not None  # noqa: S101 - as above
    began = time.perf_counter()
    inner = [_branch(flow, branch) for branch in plan.variants]
    replies = await _all(inner, dispatch, hasty=plan.fan.need == "all")
    _account(flow, inner, time.perf_counter() - began)
    return _merge(dict(zip(plan.fan.names, replies, strict=True)), plan.fan.need)


def _branch(flow: Flow, plan: Any) -> Flow:  # noqa: ANN401 - a Plan
    call = replace(flow.call, operation=plan.target.operation, route=plan.name)
    inner = Flow(call, plan, flow.received, flow.peer)
    inner.identity = flow.identity
    return inner


async def _all(flows: list[Flow], dispatch: Dispatch, *, hasty: bool) -> list[Reply | None]:
    """Wait for all; ``hasty`` for the first that fails, and the others are given up."""
    tasks = [asyncio.ensure_future(_one(flow, dispatch)) for flow in flows]
    try:
        for done in asyncio.as_completed(tasks):
            if _failed(await done) and hasty:
                break
    finally:
        # What is given up is cancelled in its worker too. All have ended when this has.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [None if task.cancelled() else task.result() for task in tasks]


async def _one(flow: Flow, dispatch: Dispatch) -> Reply:
    try:
        return _json(await dispatch(flow))
    except Fault as fault:
        return Reply.of_fault(fault)


def _json(reply: Reply) -> Reply:
    """Hold a success to JSON: what cannot be merged has failed."""
    if _failed(reply) or not reply.body:
        return reply
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        msgspec.json.decode(reply.body)
        return reply
    return Reply.of_fault(Fault("bad_reply", "the answer is not JSON, and cannot be merged"))


def _failed(reply: Reply) -> bool:
    return reply.fault is not None or reply.status >= _FIRST_FAILURE


def _account(flow: Flow, inner: list[Flow], seconds: float) -> None:
    """Write what the branches did to the request's account: they ran side by side."""
    flow.attempts += sum(one.attempts for one in inner)
    flow.waited += seconds
    flow.heard = time.perf_counter()
    flow.worker += min(seconds, max(one.worker for one in inner))


def _merge(replies: Mapping[str, Reply | None], need: str) -> Reply:
    failed = {name: reply for name, reply in replies.items() if reply and _failed(reply)}
    well = {name: reply for name, reply in replies.items() if reply and name not in failed}
    if failed and (need == "all" or (need == "any" and not well)):
        return _failure(*next(iter(failed.items())))
    document: dict[str, Any] = {
        name: msgspec.Raw(reply.body or b"null") for name, reply in well.items()
    }
    if failed:
        document[PARTIAL] = {name: _told(reply) for name, reply in failed.items()}
    return Reply.json(document)


def _failure(name: str, reply: Reply) -> Reply:
    """Tell of the branch that failed the whole."""
    fault = reply.fault
    if fault is None:
        fault = Fault("branch_failed", f"{name} was answered {reply.status}", branch=name)
    else:
        fault.extensions = {**fault.extensions, "branch": name}
    return Reply.of_fault(fault)


def _told(reply: Reply) -> dict[str, Any]:
    if reply.fault is None:
        return {"status": reply.status}
    return {"status": reply.fault.status, "code": reply.fault.code}
