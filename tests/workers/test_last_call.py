"""The last worker to leave finishes what callers still wait for."""

import asyncio
from collections import Counter

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Queue
from tests.harness.waiting import eventually
from tests.workers.desk import serving, serving_another
from workers import last_call
from workers.context import Context
from workers.last_call import LastCall
from workers.runtime import Runtime
from workers.service import Service


def _shop(ran: Counter[str], **settings: int) -> Service:
    service = Service("shop", **{"concurrency": 2, "prefetch": 4, **settings})  # type: ignore[arg-type]

    @service.operation
    async def work(ctx: Context) -> str:
        ran[ctx.request_id] += 1
        await asyncio.sleep(0.02)
        return "done"

    return service


@pytest.fixture(params=["memory", "rabbitmq"])
def url(request: pytest.FixtureRequest) -> str:
    """A broker of each kind."""
    return "memory://" if request.param == "memory" else request.getfixturevalue("vhost_url")


async def test_the_last_worker_finishes_what_is_in_its_queue(url: str) -> None:
    """Nobody else would: what it had not begun, and what it had not even got, is answered."""
    ran: Counter[str] = Counter()
    async with serving(_shop(ran), url) as (desk, runtime, _):
        keys = [desk.ask("work", timeout=30) for _ in range(20)]
        await eventually(lambda: runtime.stats.calls >= 2)
        await runtime.drain(10)
        for key in keys:
            assert (await desk.answer(key)).body == b"done"
        assert await desk.ready() == 0
    assert (len(ran), set(ran.values())) == (20, {1})


async def test_a_call_that_comes_late_is_still_taken(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that leaves at the same moment sends for a little longer."""
    monkeypatch.setattr(last_call, "QUIET", 0.5)
    ran: Counter[str] = Counter()
    async with serving(_shop(ran), url) as (desk, runtime, _):
        draining = asyncio.create_task(runtime.drain(10))
        await asyncio.sleep(0.1)
        assert (await desk.call("work")).body == b"done"
        await draining


async def test_who_is_not_the_last_leaves_it_to_the_others() -> None:
    """With somebody else there, what was not begun goes back, and the worker leaves at once."""
    ran: Counter[str] = Counter()
    async with (
        serving(_shop(ran)) as (desk, first, _),
        serving_another(desk, _shop(ran)) as (second, _other),
    ):
        keys = [desk.ask("work", timeout=30) for _ in range(20)]
        await eventually(lambda: first.stats.calls >= 2)
        await first.drain(10)
        for key in keys:
            assert (await desk.answer(key)).body == b"done"
        assert first.stats.calls < second.stats.calls


async def test_workers_that_leave_together_leave_nothing() -> None:
    """Whoever sees that nobody consumes any more stays for the rest, once for each call."""
    ran: Counter[str] = Counter()
    async with (
        serving(_shop(ran)) as (desk, first, _),
        serving_another(desk, _shop(ran)) as (second, _other),
    ):
        keys = [desk.ask("work", timeout=30) for _ in range(30)]
        await eventually(lambda: first.stats.calls and second.stats.calls)
        await asyncio.gather(first.drain(10), second.drain(10))
        for key in keys:
            assert (await desk.answer(key)).body == b"done"
    assert (len(ran), set(ran.values())) == (30, {1})


async def test_accepted_work_waits_for_the_next_worker() -> None:
    """Nobody waits for it, so leaving is not put off for it."""
    ran: Counter[str] = Counter()
    async with serving(_shop(ran, concurrency=1, prefetch=1)) as (desk, runtime, _):
        for _ in range(10):
            desk.ask("work", reply=False, timeout=None)
        await eventually(lambda: runtime.stats.calls)
        await runtime.drain(10)
        assert runtime.stats.calls < 5
        assert await desk.ready() == 10 - runtime.stats.calls


async def test_patience_ends_it() -> None:
    """What does not fit into the drain's time stays in the queue."""
    ran: Counter[str] = Counter()
    async with serving(_shop(ran, concurrency=1)) as (desk, runtime, _):
        for _ in range(100):
            desk.ask("work", timeout=30)
        await eventually(lambda: runtime.stats.calls)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await runtime.drain(0.2)
        assert loop.time() - began < 1.5
        assert await desk.ready() > 50


async def test_a_load_that_goes_on_does_not_keep_it_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of what comes anew it takes only so long: the next worker has to come by itself."""
    monkeypatch.setattr(last_call, "OPEN", 0.1)
    ran: Counter[str] = Counter()
    async with serving(_shop(ran)) as (desk, runtime, _):

        async def go_on() -> None:
            while True:
                desk.ask("work", timeout=30)
                await asyncio.sleep(0.005)

        load = asyncio.create_task(go_on())
        await eventually(lambda: runtime.stats.calls)
        async with asyncio.timeout(2):
            await runtime.drain(10)
        load.cancel()


async def test_a_broker_that_is_away_is_no_reason_to_stay() -> None:
    """Without it there is nothing to take, and leaving does not fail."""
    hub = MemoryHub()
    broker = MemoryBroker(hub)
    broker.start()
    await broker.ready(5)
    await broker.declare(Queue(name="shop"))
    runtime = Runtime(_shop(Counter()), broker)
    await runtime.start()
    hub.stop()
    await runtime.drain(1)
    await broker.close()
    assert repr(LastCall(broker, "shop")) == "<LastCall shop taken=0>"
