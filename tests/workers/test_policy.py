from collections.abc import Awaitable

import msgspec
import pytest

from contracts.call import Reply
from contracts.fault import Fault
from workers.context import Context
from workers.policy import Policy, Settler
from workers.service import Service
from workers.testkit import TestKit


class Note:
    """Notes what it sees, and can be told what to do."""

    def __init__(self, name: str, log: list[str], *, answer: object = None) -> None:
        self.name = name
        self.log = log
        self.answer = answer

    def admit(self, ctx: Context) -> Reply | None:
        self.log.append(f"admit {self.name}")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, Reply) else None

    def settle(self, ctx: Context, reply: Reply) -> Reply | None:
        self.log.append(f"settle {self.name} {reply.status}")
        return None


def _kit(*policies: Policy) -> TestKit:
    service = Service("shop", policies=policies)

    @service.operation
    async def work(ctx: Context) -> str:
        return ctx.call.query

    return TestKit(service)


async def test_policies_admit_in_order_and_settle_in_reverse() -> None:
    """Policies admit in their order, and settle in reverse after the operation."""
    log: list[str] = []
    answer = await _kit(Note("a", log), Note("b", log)).call("work", query="x=1")
    assert answer.body == b"x=1"
    assert log == ["admit a", "admit b", "settle b 200", "settle a 200"]


@pytest.mark.parametrize(
    "verdict, status", [(Reply(status=304), 304), (Fault("forbidden"), 403), (KeyError("x"), 500)]
)
async def test_a_policy_answers_or_refuses(verdict: object, status: int) -> None:
    """A Reply answers, a Fault refuses, a crash refuses; only those before it settle."""
    log: list[str] = []
    kit = _kit(Note("a", log), Note("b", log, answer=verdict), Note("c", log))
    assert (await kit.call("work")).status == status
    assert log == ["admit a", "admit b", f"settle a {status}"]


async def test_a_policy_may_wait() -> None:
    """``admit`` may be a coroutine function."""

    class Waiting:
        async def admit(self, ctx: Context) -> Reply | None:
            raise Fault("rate_limited")

    assert (await _kit(Waiting()).call("work")).code == "rate_limited"


async def test_a_policy_may_change_the_call() -> None:
    """The operation gets the call that the last policy left."""

    class Rewrite:
        def admit(self, ctx: Context) -> Reply | Awaitable[Reply | None] | None:
            ctx.call = msgspec.structs.replace(ctx.call, query="y=2")
            return None

    assert (await _kit(Rewrite()).call("work", query="x=1")).body == b"y=2"


async def test_a_policy_may_change_the_reply() -> None:
    """What ``settle`` gives takes the reply's place; a crash in it is ``worker_error``."""

    class Stamp(Note):
        def settle(self, ctx: Context, reply: Reply) -> Reply | None:
            if self.name == "crash":
                raise KeyError("x")
            return msgspec.structs.replace(reply, headers=(("x-stamp", "yes"),))

    assert isinstance(Stamp("a", []), Settler)
    assert (await _kit(Stamp("a", [])).call("work")).header("x-stamp") == "yes"
    assert (await _kit(Stamp("crash", [])).call("work")).code == "worker_error"
