"""Several operations at once, and one merged answer."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.fanout.gathering import gather
from ingress.flow import Flow
from tests.ingress.routing.plans import of

Answer = Reply | Fault | Callable[[], Awaitable[Reply]]
WELL = Reply.json({"n": 1})
DEADLINE = Reply.of_fault(Fault("deadline"))


def flow(need: str = "all") -> Flow:
    (plan,) = of(
        f"route: GET /a, fan_out: {{need: {need}, branches: {{a: {{operation: s.a}},"
        " b: {operation: t.b, queue: q}}}",
        operation=False,
    )
    call = Call(id="1", operation="gateway.itself", body=b"x")
    story = Flow(call, plan, time.perf_counter())
    story.identify(Identity(id="anna", scheme="key"))
    return story


async def merged(story: Flow, a: Answer, b: Answer) -> Reply:
    answers = {"s.a": a, "t.b": b}

    async def dispatch(inner: Flow) -> Reply:
        inner.attempts, inner.worker = 2, 0.0
        assert inner.call.body == b"x"
        assert inner.identity is story.identity is not None
        assert inner.route == inner.call.route == f"GET /a +{inner.call.operation[-1]}"
        answer = answers[inner.call.operation]
        if isinstance(answer, Fault):
            raise answer
        return answer if isinstance(answer, Reply) else await answer()

    return await gather(story, dispatch)


async def test_answers_are_members_of_one_object() -> None:
    """By the names of the branches; what has no body is null."""
    story = flow()
    reply = await merged(story, WELL, Reply(status=204))
    assert (reply.status, json.loads(reply.body)) == (200, {"a": {"n": 1}, "b": None})
    assert reply.header("content-type") == "application/json"
    assert story.attempts == 4


@pytest.mark.parametrize(
    "need, a, b, status, document",
    [
        ("all", WELL, DEADLINE, 504, None),
        ("any", WELL, DEADLINE, 200, {"b": {"status": 504, "code": "deadline"}}),
        ("any", DEADLINE, DEADLINE, 504, None),
        ("best_effort", Reply(status=404), WELL, 200, {"a": {"status": 404}}),
        ("best_effort", Reply(body=b"<p>"), WELL, 200, {"a": {"status": 502, "code": "bad_reply"}}),
        ("all", WELL, Reply(status=404), 502, None),
        ("all", WELL, Fault("broker_down"), 503, None),
    ],
)
async def test_a_failure_counts_as_the_route_says(
    need: str, a: Answer, b: Answer, status: int, document: dict[str, object] | None
) -> None:
    """The whole fails with the branch's fault and name, or `partial` tells what is missing."""
    reply = await merged(flow(need), a, b)
    assert reply.status == status
    if document is None:
        assert reply.fault is not None
        assert reply.fault.extensions["branch"] in {"a", "b"}
    else:
        assert json.loads(reply.body)["partial"] == document


async def test_both_run_at_once_and_the_first_failure_ends_all() -> None:
    """Where all are needed the others are given up, and have ended when the answer is there."""
    ended: list[str] = []

    async def forever() -> Reply:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("a")
        return WELL

    begun = time.monotonic()
    reply = await merged(flow(), forever, DEADLINE)
    assert (reply.status, ended) == (504, ["a"])
    assert time.monotonic() - begun < 5


async def test_a_client_that_leaves_ends_all_branches() -> None:
    """None of them is left behind."""
    ended: list[str] = []
    begun = asyncio.Event()

    async def forever() -> Reply:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("x")
        return WELL

    waiting = asyncio.ensure_future(merged(flow("best_effort"), forever, forever))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended == ["x", "x"]
