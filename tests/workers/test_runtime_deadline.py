import asyncio
import contextlib
import threading
import time

from tests.harness.waiting import eventually
from tests.workers.desk import serving
from workers.service import Service


async def test_a_call_that_comes_too_late_is_never_run() -> None:
    """A call whose deadline has passed is skipped, counted, and answered ``deadline``."""
    service, ran = Service("shop"), []

    @service.operation
    async def late() -> None:
        ran.append(1)

    async with serving(service) as (desk, runtime, _):
        reply = await desk.call("late", timeout=-1)
        assert await desk.ready() == 0
    assert reply.fault is not None
    assert reply.fault.code == "deadline"
    assert (ran, runtime.stats.expired, runtime.stats.calls) == ([], 1, 0)


async def test_a_call_that_waits_past_its_deadline_is_never_run() -> None:
    """A call that was delivered in time and waited too long for a place is skipped as well."""
    service, ran = Service("shop", concurrency=1, prefetch=2), []

    @service.operation
    async def work(name: str) -> None:
        ran.append(name)
        await asyncio.sleep(0.2)

    async with serving(service) as (desk, runtime, _):
        first = desk.ask("work", params={"name": "first"})
        second = desk.ask("work", params={"name": "second"}, timeout=0.05)
        reply = await desk.answer(second)
        await desk.answer(first)
    assert reply.fault is not None
    assert reply.fault.code == "deadline"
    assert (ran, runtime.stats.expired) == (["first"], 1)


async def test_a_coroutine_is_cut_at_its_deadline() -> None:
    """At the deadline a coroutine is cancelled, and its caller hears ``deadline`` within 50 ms."""
    service, seen = Service("shop"), []

    @service.operation
    async def hang() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async with serving(service) as (desk, runtime, _):
        began = time.monotonic()
        reply = await desk.call("hang", timeout=0.1)
        took = time.monotonic() - began
        await eventually(lambda: runtime.stats.in_flight == 0)
    assert reply.fault is not None
    assert reply.fault.code == "deadline"
    assert seen == ["cancelled"]
    assert 0.09 < took < 0.25
    assert runtime.stats.overrun == 1


async def test_a_coroutine_that_ignores_its_cancellation_keeps_its_place() -> None:
    """A coroutine that goes on after its deadline has its result thrown away and its place kept."""
    service, gate = Service("shop", concurrency=1), asyncio.Event()

    @service.operation
    async def stubborn() -> str:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await gate.wait()
        return "too late"

    @service.operation
    async def quick() -> str:
        return "done"

    async with serving(service) as (desk, runtime, _):
        key = desk.ask("stubborn", timeout=0.05)
        reply = await desk.answer(key)
        waiting = desk.ask("quick")
        assert runtime.stats.in_flight == 1
        assert waiting not in desk.replies
        gate.set()
        assert (await desk.answer(waiting)).body == b"done"
        assert len(desk.replies[key]) == 1
    assert reply.fault is not None
    assert reply.fault.code == "deadline"


async def test_a_function_cannot_be_stopped_and_holds_its_place_at_the_broker() -> None:
    """A function past its deadline is answered for; its message stays unacked until it ends."""
    service, gate = Service("shop", concurrency=1), threading.Event()

    @service.operation
    def hang() -> str:
        gate.wait(5)
        return "too late"

    async with serving(service) as (desk, runtime, _):
        key = desk.ask("hang", timeout=0.05)
        reply = await desk.answer(key)
        desk.ask("hang", timeout=5)
        await eventually(desk.ready, what="the next call stays in the queue, for other workers")
        assert runtime.stats.in_flight == 1
        gate.set()
        await eventually(lambda: runtime.stats.calls == 2 and runtime.stats.in_flight == 0)
        assert len(desk.replies[key]) == 1
    assert reply.fault is not None
    assert reply.fault.code == "deadline"
