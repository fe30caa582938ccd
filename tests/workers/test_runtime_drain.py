import asyncio
import threading
from collections import Counter

import pytest

from contracts.brokers.memory import MemoryBroker
from contracts.call import Reply
from contracts.fault import Fault
from tests.harness.waiting import eventually
from tests.workers.desk import Desk, crash, serving
from tests.workers.slip import Slip
from workers.context import Context
from workers.runtime import Job, Runtime
from workers.service import Service


async def test_a_call_that_a_lost_worker_may_have_begun_is_not_begun_again() -> None:
    """What a lost worker had begun is run again only if that is safe; else: ``worker_lost``."""
    ran: Counter[str] = Counter()

    def make() -> Service:
        service = Service("shop")

        @service.operation
        async def work(ctx: Context, ask: str = "") -> str:
            ran[ctx.request_id] += 1
            if not ctx.redelivered:
                await asyncio.sleep(60)
            return "again" if ctx.redelivered else "first"

        return service

    async with serving(make()) as (desk, _, broker):
        unsafe, safe = desk.ask("work"), desk.ask("work", method="GET")
        keyed = desk.ask("work", headers=(("idempotency-key", "k"),))
        forgotten = desk.ask("work", reply=False)
        await eventually(lambda: len(ran) == 4)
        second = MemoryBroker(desk.hub, name="second")  # type: ignore[arg-type]
        second.start()
        await second.ready(5)
        runtime = Runtime(make(), second)
        await runtime.start()
        crash(desk, broker)
        refused = await desk.answer(unsafe)
        assert (await desk.answer(safe)).body == b"again"
        assert (await desk.answer(keyed)).body == b"again"
        await eventually(lambda: ran[f"req-{forgotten}"] == 2)
        await runtime.drain(1)
        await second.close()
    assert refused.fault is not None
    assert refused.fault.code == "worker_lost"
    assert ran[f"req-{unsafe}"] == 1


async def test_the_drain_finishes_what_runs() -> None:
    """A drain waits for what runs, and its callers hear the result."""
    service, gate = Service("shop"), asyncio.Event()

    @service.operation
    async def work() -> str:
        await gate.wait()
        return "finished"

    async with serving(service) as (desk, runtime, _):
        key = desk.ask("work")
        await eventually(lambda: runtime.stats.in_flight)
        draining = asyncio.create_task(runtime.drain(5))
        await asyncio.sleep(0)
        gate.set()
        await draining
        assert (await desk.answer(key)).body == b"finished"


async def test_what_comes_while_it_drains_is_given_back() -> None:
    """A delivery that was on its way when the drain began is given back unbegun."""
    service, ran = Service("shop"), []

    @service.operation
    async def work() -> None:
        ran.append(1)

    async with serving(service) as (_, runtime, _broker):
        await runtime.drain(1)
        slip = Slip(body=b"?")
        runtime._on_delivery(slip)
        assert (slip.done, runtime.stats.returned, ran) == (["publish shop", "ack"], 1, [])


async def test_the_drain_cuts_off_what_takes_too_long() -> None:
    """After the drain's patience what still runs is cancelled, and told ``worker_lost``."""
    service, gate = Service("shop"), threading.Event()

    @service.operation
    async def hang() -> None:
        await asyncio.sleep(60)

    @service.operation
    def hang_in_a_thread() -> None:
        gate.wait(5)

    async with serving(service) as (desk, runtime, _):
        keys = [desk.ask("hang"), desk.ask("hang_in_a_thread")]
        await eventually(lambda: runtime.stats.in_flight == 2)
        await runtime.drain(0.05)
        for key in keys:
            fault = (await desk.answer(key)).fault
            assert fault is not None
            assert (fault.code, fault.not_run) == ("worker_lost", False)
        assert (runtime.stats.lost, runtime.stats.in_flight) == (2, 0)
        assert await desk.ready() == 0
    gate.set()


async def test_a_call_cut_off_right_after_its_first_step_is_settled() -> None:
    """A drain without patience answers for calls whose task has not yet woken up for them."""
    service, told = Service("shop"), []

    @service.operation
    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    async with serving(service) as (desk, runtime, _):
        hear = runtime._hear_waiting

        def hear_and_cut_off(job: Job, task: asyncio.Task[None]) -> None:
            hear(job, task)
            runtime._answer(job, Reply.of_fault(Fault("worker_lost")))
            runtime._cancel(job)

        runtime._starter._on_waiting = hear_and_cut_off
        key = desk.ask("work")
        fault = (await desk.answer(key)).fault
        await eventually(lambda: runtime.stats.in_flight == 0)
        assert await desk.ready() == 0
    assert fault is not None
    assert fault.code == "worker_lost"
    assert told == ["cancelled"]
    assert list(map(len, desk.replies.values())) == [1]


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_drain_under_load_loses_nothing(concurrency: int) -> None:
    """Workers that come and go under load: every call is run once and answered once."""
    ran: Counter[str] = Counter()

    def make() -> Service:
        service = Service("shop", concurrency=concurrency, prefetch=10)

        @service.operation
        async def work(ctx: Context) -> str:
            ran[ctx.request_id] += 1
            await asyncio.sleep(0.001)
            return "ok"

        return service

    async with serving(make()) as (desk, first, _broker):
        keys = [desk.ask("work", timeout=30) for _ in range(200)]
        await _relay(desk, make, first)
        replies = [await desk.answer(key) for key in keys]
    assert all(reply.body == b"ok" for reply in replies)
    assert set(ran.values()) == {1}
    assert len(ran) == 200
    assert all(len(messages) == 1 for messages in desk.replies.values())


async def _relay(desk: Desk, make: object, first: Runtime) -> None:
    """Start the next worker and drain the one before, three times."""
    leaving = first
    for number in range(3):
        await eventually(lambda worker=leaving: worker.stats.calls >= 10)  # type: ignore[misc]
        broker = MemoryBroker(desk.hub, name=f"w{number}")  # type: ignore[arg-type]
        broker.start()
        await broker.ready(5)
        coming = Runtime(make(), broker)  # type: ignore[operator]
        await coming.start()
        await leaving.drain(5)
        leaving = coming


async def test_a_drain_under_load_loses_nothing_on_rabbitmq(vhost_url: str) -> None:
    """On RabbitMQ as well: a worker that drains under load loses no call and runs none twice."""
    ran: Counter[str] = Counter()
    service = Service("shop", concurrency=2, prefetch=20)

    @service.operation
    async def work(ctx: Context) -> str:
        ran[ctx.request_id] += 1
        await asyncio.sleep(0.002)
        return "ok"

    async with serving(service, vhost_url) as (desk, first, broker):
        keys = [desk.ask("work", timeout=30) for _ in range(200)]
        await eventually(lambda: first.stats.calls >= 20)
        second = Runtime(service, broker)
        await second.start()
        await first.drain(5)
        assert first.stats.calls < 200
        replies = [await desk.answer(key, within=20) for key in keys]
        await second.drain(1)
    assert all(reply.body == b"ok" for reply in replies)
    assert set(ran.values()) == {1}
    assert len(ran) == 200
