import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from workers.context import Context
from workers.service import Service
from workers.threads import Threads


def _context(**parts: Any) -> Context:
    return Context(Call(id="r-1", operation="shop.work", **parts))


async def _answer(
    function: Callable[..., Any], *, policies: tuple[Any, ...] = (), **parts: Any
) -> Reply:
    service = Service("shop", policies=policies)
    service.operation(name="work")(function)
    threads = Threads("t")
    try:
        return await service.endpoints["shop.work"].answer(_context(**parts), threads)
    finally:
        threads.close()


def _code(reply: Reply) -> str:
    return reply.fault.code if reply.fault else ""


async def test_a_fault_is_the_answer(lines: list[dict[str, str]]) -> None:
    """A raised Fault is the answer as it is, and no error in the log."""

    async def work() -> None:
        raise Fault("out_of_tea", "come back tomorrow", status=409, shelf=3)

    reply = await _answer(work)
    assert reply.fault is not None
    assert (reply.status, reply.fault.extensions) == (409, {"shelf": 3})
    assert reply.worker_us is not None
    assert lines == []


async def test_a_fault_that_a_worker_cannot_know_is_worker_error(
    lines: list[dict[str, str]],
) -> None:
    """A code that speaks of broker or gateway is not believed of a worker, so the log is told."""

    async def work() -> None:
        raise Fault("broker_down")

    assert _code(await _answer(work)) == "worker_error"
    assert "broker_down" in lines[0]["error"]


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(1), asyncio.CancelledError()])
async def test_whatever_it_raises_there_is_an_answer(error: BaseException) -> None:
    """Exceptions, exits and cancellations of something else are ``worker_error``."""

    async def work() -> None:
        raise error

    def in_a_thread() -> None:
        raise error

    assert _code(await _answer(work)) == "worker_error"
    assert _code(await _answer(in_a_thread)) == "worker_error"


async def test_a_wrapped_coroutine_function_is_one() -> None:
    """A decorated coroutine function, and a function that hands a coroutine on, are awaited."""

    async def work() -> str:
        return "done"

    @functools.wraps(work)
    def wrapper() -> Awaitable[str]:
        return work()

    def lender() -> Awaitable[str]:
        return work()

    assert (await _answer(wrapper)).body == b"done"
    assert (await _answer(lender)).body == b"done"


@pytest.mark.parametrize(
    "declared, method, key, expected",
    [
        (None, "GET", "", True),
        (None, "POST", "", False),
        (None, "POST", "k", True),
        (True, "POST", "", True),
        (False, "GET", "", False),
        (False, "GET", "k", True),
    ],
)
def test_what_may_be_repeated(
    declared: bool | None,  # noqa: FBT001
    method: str,
    key: str,
    expected: bool,  # noqa: FBT001
) -> None:
    """A call may run twice as its operation declares, or its method, or with a key."""
    service = Service("shop")

    @service.operation(idempotent=declared)
    async def work() -> None: ...

    headers = (("idempotency-key", key),) if key else ()
    context = _context(method=method, headers=headers)
    assert service.endpoints["shop.work"].may_repeat(context) is expected


class Slow:
    """A policy that never comes to a decision."""

    async def admit(self, ctx: Context) -> None:
        await asyncio.sleep(60)


@pytest.mark.parametrize("phase", ["policy", "operation", "thread"])
async def test_a_cancellation_gets_out_in_every_phase(phase: str) -> None:
    """A cancelled task ends as cancelled, in a policy, in a coroutine, and waiting for a thread."""
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()

    def in_a_thread(ctx: Context) -> None:
        import time  # noqa: PLC0415

        time.sleep(0.2)

    policies = (Slow(),) if phase == "policy" else ()
    function = in_a_thread if phase == "thread" else work
    task = asyncio.create_task(_answer(function, policies=policies))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_repr_tells_where_it_runs() -> None:
    """The repr tells the name and whether it runs in a thread."""
    service = Service("shop")

    @service.operation
    def work() -> None: ...

    assert repr(service.endpoints["shop.work"]) == "<Endpoint shop.work in a thread>"
