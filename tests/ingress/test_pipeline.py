import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress import pipeline
from ingress.dispatch import Dispatch
from ingress.flow import Flow
from ingress.pipeline import Pipeline
from ingress.plan import Breaker, Plan, Retry
from ingress.policies.port import Request, Slot
from ingress.rpc import Rpc
from tests.harness.waiting import eventually
from tests.ingress.scripted import OK, ScriptedBroker, answering_broker, flow, plan

Decision = Callable[[Request], Any]


class Scripted:
    """A policy that decides as the test says, and notes in the flow that it was asked."""

    slot = Slot.EDGE

    def __init__(self, name: str, decide: Decision = lambda _: None) -> None:
        self.name = name
        self._decide = decide

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        flow.notes.setdefault("asked", []).append(self.name)
        answer: Reply | Awaitable[Reply | None] | None = self._decide(flow)
        return answer

    def settings(self) -> Mapping[str, Any]:
        return {}


class Settling(Scripted):
    """A policy that also wants to see the answer."""

    def __init__(
        self, name: str, decide: Decision = lambda _: None, look: Decision = lambda _: None
    ) -> None:
        super().__init__(name, decide)
        self._look = look

    def settle(self, flow: Request) -> Any:
        flow.notes.setdefault("settled", []).append(self.name)
        return self._look(flow)


def through(*policies: Scripted, **settings: Any) -> Plan:
    """Make a plan with these policies, as the compiler does."""
    settlers = tuple(p for p in reversed(policies) if isinstance(p, Settling))
    return plan(policies=policies, settlers=settlers, **settings)


def crash(_: Request) -> None:
    raise ZeroDivisionError


def refuse(code: str) -> Decision:
    def decide(_: Request) -> None:
        raise Fault(code)

    return decide


def later(answer: Reply | None) -> Decision:
    async def decide(_: Request) -> Reply | None:
        await asyncio.sleep(0)
        return answer

    return decide


async def dispatched(flow: Flow) -> Reply:
    flow.notes["dispatched"] = True
    return OK


async def run(of: Plan | None, dispatch: Callable[[Flow], Awaitable[Reply]] = dispatched) -> Flow:
    story = flow(of)
    await Pipeline(dispatch).run(story)
    return story


async def test_without_policies_a_call_is_dispatched() -> None:
    """The reply is the flow's, and no policy answered."""
    story = await run(plan())
    assert (story.reply, story.fault, story.answered_by) == (OK, None, "")


async def test_policies_are_asked_in_order() -> None:
    """Each that passes lets the next one decide, waiting or not, and then the call is sent."""
    story = await run(through(Scripted("a"), Scripted("b", later(None)), Scripted("c")))
    assert story.notes == {"asked": ["a", "b", "c"], "dispatched": True}
    assert story.reply is OK


@pytest.mark.parametrize("decide", [lambda _: OK, later(OK)])
async def test_a_policy_may_answer(decide: Decision) -> None:
    """Its reply is the answer, and neither later policies nor a worker are asked."""
    story = await run(through(Scripted("a"), Scripted("cache", decide), Scripted("c")))
    assert story.notes == {"asked": ["a", "cache"]}
    assert (story.reply, story.answered_by) == (OK, "cache")


async def test_a_policy_may_answer_with_a_fault() -> None:
    """A reply that holds a fault is that fault."""
    stored = Reply.of_fault(Fault("conflict"))
    story = await run(through(Scripted("once", lambda _: stored)))
    assert (story.reply, story.code, story.answered_by) == (None, "conflict", "once")


async def refuse_later(_: Request) -> None:
    await asyncio.sleep(0)
    raise Fault("forbidden")


@pytest.mark.parametrize("decide", [refuse("forbidden"), refuse_later])
async def test_a_policy_may_refuse(decide: Decision) -> None:
    """Its fault is the answer, and nobody after it is asked."""
    story = await run(through(Scripted("acl", decide), Scripted("b")))
    assert story.notes == {"asked": ["acl"]}
    assert (story.reply, story.code, story.answered_by) == (None, "forbidden", "acl")


async def test_a_policy_may_change_the_call() -> None:
    """The worker gets what the last policy left."""

    def rewrite(request: Request) -> None:
        request.call = request.call.__class__(id="r-1", operation="orders.other")

    story = await run(through(Scripted("rewrite", rewrite)))
    assert story.call.operation == "orders.other"


async def crash_later(_: Request) -> None:
    await asyncio.sleep(0)
    raise ZeroDivisionError


@pytest.mark.parametrize("decide", [crash, crash_later, lambda _: "yes", lambda _: True])
async def test_a_policy_that_crashes_refuses(decide: Decision) -> None:
    """Nothing fails open: the request is refused, and the bug is reported with its traceback."""
    reports: list[tuple[Flow, BaseException]] = []
    story = flow(through(Scripted("buggy", decide), Scripted("b")))
    await Pipeline(dispatched, report=lambda *report: reports.append(report)).run(story)
    assert story.notes == {"asked": ["buggy"]}
    assert (story.reply, story.code, story.answered_by) == (None, "internal", "buggy")
    [(reported, error)] = reports
    assert reported is story
    assert error.__traceback__


async def test_a_crash_is_never_silent() -> None:
    """Without a reporter the event loop's exception handler hears of it."""
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    await run(through(Scripted("buggy", crash)))
    assert heard[0]["message"] == "request r-1 failed inside the gateway"
    assert isinstance(heard[0]["exception"], ZeroDivisionError)


async def test_a_client_hears_nothing_of_the_inside_of_a_crash() -> None:
    """The fault of a bug has no details."""
    story = flow(through(Scripted("buggy", crash)))
    await Pipeline(dispatched, report=lambda *_: None).run(story)
    assert repr(story.fault) == "<Fault internal 500 gateway may have run>"


async def test_settlers_see_the_answer_in_reverse_order() -> None:
    """The last one admitted is the first to settle; those that did not ask for it are left out."""
    story = await run(through(Settling("a"), Scripted("b"), Settling("c")))
    assert story.notes["settled"] == ["c", "a"]


@pytest.mark.parametrize("decide", [refuse("forbidden"), crash_later, lambda _: OK])
async def test_only_who_was_admitted_is_settled(decide: Decision) -> None:
    """Neither the policy that answered or refused nor those after it took anything to give back."""
    story = flow(through(Settling("a"), Settling("b", decide), Settling("c")))
    await Pipeline(dispatched, report=lambda *_: None).run(story)
    assert story.notes["settled"] == ["a"]


async def test_settlers_see_faults_too() -> None:
    """A place that was taken is given back whatever came of the call."""

    async def fail(flow: Flow) -> Reply:
        return Reply.of_fault(Fault("worker_error"))

    story = await run(through(Settling("hold")), fail)
    assert (story.notes["settled"], story.code, story.reply) == (["hold"], "worker_error", None)
    assert story.answered_by == ""


async def test_a_settler_may_put_another_reply() -> None:
    """In place of a reply or of a fault."""
    other = Reply(body=b"stale but there")

    def replace(request: Request) -> None:
        request.reply = other

    async def fail(flow: Flow) -> Reply:
        return Reply.of_fault(Fault("worker_error"))

    for dispatch in (dispatched, fail):
        story = await run(through(Settling("a", look=replace)), dispatch)
        assert (story.reply, story.fault) == (other, None)


async def test_a_settler_may_refuse_the_answer() -> None:
    """A fault that it raises takes the place of the reply."""
    story = await run(through(Settling("a"), Settling("check", look=refuse("bad_reply"))))
    assert (story.reply, story.code, story.answered_by) == (None, "bad_reply", "check")
    assert story.notes["settled"] == ["check", "a"]


async def test_a_settler_that_crashes_refuses_and_the_others_settle() -> None:
    """An answer that could not be looked at is not given, and nobody's place is lost."""
    reports: list[Flow] = []
    story = flow(through(Settling("a"), Settling("buggy", look=crash)))
    await Pipeline(dispatched, report=lambda story, _: reports.append(story)).run(story)
    assert (story.reply, story.code, story.answered_by) == (None, "internal", "buggy")
    assert (story.notes["settled"], reports) == (["buggy", "a"], [story])


@pytest.mark.parametrize("policies", [(), (Scripted("a"),)])
async def test_whatever_the_dispatcher_raises_is_an_answer(policies: tuple[Scripted, ...]) -> None:
    """A Fault is that fault; anything else is internal, and reported."""

    async def refused(flow: Flow) -> Reply:
        raise Fault("too_large")

    async def crashed(flow: Flow) -> Reply:
        raise ZeroDivisionError

    reports: list[BaseException] = []
    for dispatch, code in ((refused, "too_large"), (crashed, "internal")):
        story = flow(through(*policies))
        await Pipeline(dispatch, report=lambda _, error: reports.append(error)).run(story)
        assert story.code == code
    assert [type(error) for error in reports] == [ZeroDivisionError]


async def test_a_policy_may_not_wait_beyond_the_deadline() -> None:
    """A shared counter that hangs does not hang the request; the call never ran."""

    async def hang(_: Request) -> None:
        await asyncio.sleep(3600)

    story = await run(through(Settling("a"), Scripted("quota", hang), timeout=0.02))
    assert time.perf_counter() - story.received < 0.07
    assert repr(story.fault) == "<Fault deadline 504 worker not run>"
    assert (story.answered_by, story.notes["settled"]) == ("quota", ["a"])


async def test_a_timeout_of_a_policys_own_is_a_crash() -> None:
    """A TimeoutError from inside a policy is no deadline of the call."""

    async def impatient(_: Request) -> None:
        raise TimeoutError

    story = flow(through(Scripted("quota", impatient)))
    await Pipeline(dispatched, report=lambda *_: None).run(story)
    assert story.code == "internal"


async def test_a_flow_without_a_plan_is_not_found() -> None:
    """What matched no route has no policies and goes nowhere."""
    story = flow()
    story.plan = None
    await Pipeline(dispatched).run(story)
    assert story.code == "not_found"


async def hang_up(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_client_may_leave_while_a_policy_waits() -> None:
    """The wait is cancelled; who was admitted settles, nothing was sent."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    cleaned = []

    async def wait(_: Request) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            cleaned.append(True)

    story = flow(through(Settling("a"), Settling("quota", wait), Settling("c")))
    task = asyncio.ensure_future(Pipeline(Dispatch(rpc)).run(story))
    await eventually(lambda: story.notes.get("asked") == ["a", "quota"])
    await hang_up(task)
    assert (story.code, story.notes["settled"], cleaned) == ("client_gone", ["a"], [True])
    assert (rpc.pending, broker.published) == (0, [])


async def test_a_client_may_leave_while_the_worker_works() -> None:
    """Nothing waits any more, everybody settles, and the breaker hears nothing."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    dispatch = Dispatch(rpc)
    story = flow(through(Settling("a"), breaker=Breaker(), retry=Retry(), idempotent=True))
    task = asyncio.ensure_future(Pipeline(dispatch).run(story))
    await eventually(lambda: rpc.pending == 1)
    await hang_up(task)
    assert (story.code, story.notes["settled"], rpc.pending) == ("client_gone", ["a"], 0)
    assert dispatch.breakers()["GET /x"].calls == 0


async def test_a_client_may_leave_in_back_off() -> None:
    """The next attempt is never made."""
    broker = ScriptedBroker(lambda published: published.on_outcome(Fault("no_route")))
    rpc = Rpc(broker)
    story = flow(through(Settling("a"), retry=Retry(attempts=3, base=600, cap=600), timeout=3600))
    task = asyncio.ensure_future(Pipeline(Dispatch(rpc)).run(story))
    await eventually(lambda: story.attempts == 1 and rpc.pending == 0)
    await hang_up(task)
    assert (story.code, story.notes["settled"]) == ("client_gone", ["a"])
    assert len(broker.published) == 1


async def test_a_client_may_leave_without_any_policies() -> None:
    """The flow says so to the observers here too."""
    rpc = Rpc(ScriptedBroker())
    story = flow()
    task = asyncio.ensure_future(Pipeline(Dispatch(rpc)).run(story))
    await eventually(lambda: rpc.pending == 1)
    await hang_up(task)
    assert (story.code, rpc.pending) == ("client_gone", 0)


async def test_a_call_goes_all_the_way() -> None:
    """Pipeline, dispatcher and RPC client together bring an answer."""
    story = flow(through(Settling("a"), breaker=Breaker(), retry=Retry()))
    await Pipeline(Dispatch(Rpc(answering_broker()))).run(story)
    assert (story.reply, story.attempts) == (Reply(worker_us=1000), 1)


async def test_what_takes_long_is_waited_for_when_all_have_settled() -> None:
    """The place of a call is given back before, and the answer is what came of it."""
    order: list[str] = []

    def encode(one: Request) -> Callable[[], Awaitable[None]]:
        async def later() -> None:
            order.append("later")
            one.reply = Reply(body=b"encoded")

        return later

    policies = (
        Settling("outer", look=lambda _: order.append("outer")),
        Settling("inner", look=encode),
    )
    one = flow(through(*policies))
    await Pipeline(dispatched).run(one)
    assert order == ["outer", "later"]
    assert one.reply is not None
    assert one.reply.body == b"encoded"


@pytest.mark.parametrize(
    "error, code",
    [(Fault("bad_reply"), "bad_reply"), (OSError(), "internal"), (None, "deadline")],
)
async def test_what_takes_long_and_fails_is_a_fault(
    error: Exception | None, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it had failed at once; so is what does not end, for nothing is waited for forever."""
    monkeypatch.setattr(pipeline, "_TAIL", 0.05)

    async def later() -> None:
        await asyncio.sleep(0 if error else 5)
        raise error or AssertionError

    reports: list[BaseException] = []
    one = flow(through(Settling("a", look=lambda _: later)))
    await Pipeline(dispatched, report=lambda _, error: reports.append(error)).run(one)
    assert (one.reply, one.code, one.answered_by) == (None, code, "a")
    assert reports == ([error] if code == "internal" else [])


async def test_a_client_that_leaves_meanwhile_is_gone() -> None:
    """What takes long is given up."""
    one = flow(through(Settling("a", look=lambda _: asyncio.Event().wait)))
    task = asyncio.create_task(Pipeline(dispatched).run(one))
    await eventually(lambda: one.notes.get("settled"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert one.code == "client_gone"
