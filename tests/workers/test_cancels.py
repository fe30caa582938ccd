"""Cancels that came before their calls, and what a worker does with a cancel."""

import asyncio
import threading

import pytest

from contracts.brokers.memory import MemoryBroker
from contracts.brokers.port import TOPIC, Message
from contracts.cancel import Cancel, topic, write
from contracts.deadline import after, now_ms
from contracts.fault import Fault
from tests.harness.waiting import eventually
from tests.workers.desk import Desk, serving, serving_another
from workers.cancels import Cancels
from workers.context import Context
from workers.service import Service


def cancel(desk: Desk, key: str) -> None:
    """Tell all workers of the service that nobody waits for a call."""
    message = write(Cancel(key, after(60)))
    desk.broker.publish(message, routing_key=topic(desk.service.name), exchange=TOPIC)


def test_a_cancel_is_taken_once() -> None:
    """It is for one call, so it is forgotten with it."""
    cancels = Cancels()
    cancels.remember(Cancel("a", after(60)))
    assert [cancels.take(one) for one in ("b", "a", "a")] == [False, True, False]


def test_cancels_are_bounded_in_number() -> None:
    """The oldest make room, so nobody can fill a worker's memory."""
    cancels = Cancels(most=3)
    for number in range(10):
        cancels.remember(Cancel(str(number), after(60)))
    assert len(cancels) == 3
    assert (cancels.take("6"), cancels.take("7")) == (False, True)
    assert repr(cancels) == "<Cancels 2 of at most 3>"


def test_cancels_are_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the deadline nobody begins the call, so there is nothing to remember."""
    cancels = Cancels()
    cancels.remember(Cancel("late", now_ms() - 1))
    assert not cancels
    cancels.remember(Cancel("soon", after(1)))
    later = now_ms() + 5000
    monkeypatch.setattr("workers.cancels.now_ms", lambda: later)
    cancels.remember(Cancel("other", later + 1000))
    assert (cancels.take("soon"), cancels.take("other")) == (False, True)


@pytest.mark.parametrize("path", ["memory", "lane", "plain"])
async def test_a_coroutine_is_cancelled(request: pytest.FixtureRequest, path: str) -> None:
    """It gets a ``CancelledError`` where it waits, one reply says so, and its place is free."""
    url = "memory://"
    if path != "memory":
        url = request.getfixturevalue("vhost_url") + ("?lane=off" if path == "plain" else "")
    service, ended = Service("shop", concurrency=1), []

    @service.operation
    async def work(ctx: Context) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(ctx.cancelled)
            raise

    @service.operation
    async def ping() -> str:
        return "pong"

    async with serving(service, url) as (desk, runtime, _):
        key = desk.ask("work", timeout=60)
        await eventually(lambda: runtime.stats.in_flight)
        cancel(desk, key)
        reply = await desk.answer(key)
        assert reply.fault is not None
        assert (reply.fault.code, reply.fault.not_run) == ("cancelled", False)
        assert (await desk.call("ping")).body == b"pong"
        assert len(desk.replies[key]) == 1
        assert await desk.ready() == 0
    assert ended == [True]
    assert (runtime.stats.cancelled, runtime.stats.faults["cancelled"]) == (1, 1)


async def test_a_plain_function_is_told() -> None:
    """It can ask whether anybody still waits; its caller is answered at once."""
    service, began, seen = Service("shop"), threading.Event(), []

    @service.operation
    def work(ctx: Context) -> None:
        began.set()
        for _ in range(500):
            if ctx.cancelled:
                seen.append(True)
                return
            threading.Event().wait(0.01)

    async with serving(service) as (desk, runtime, _):
        key = desk.ask("work")
        await eventually(began.is_set)
        cancel(desk, key)
        assert (await desk.answer(key)).fault is not None
        await eventually(lambda: seen and not runtime.stats.in_flight)
        assert len(desk.replies[key]) == 1


async def test_a_call_that_waits_is_never_begun() -> None:
    """A cancel may overtake its call, in the worker or in the queue: then it does not run."""
    service, ran, gate = Service("shop", concurrency=1, prefetch=2), [], asyncio.Event()

    @service.operation
    async def work(ctx: Context) -> None:
        ran.append(ctx.request_id)
        await gate.wait()

    async with serving(service) as (desk, runtime, _):
        keys = [desk.ask("work", timeout=60) for _ in range(4)]
        await eventually(lambda: len(runtime._waiting) == 1)
        for key in keys[1:3]:
            cancel(desk, key)
        await eventually(lambda: len(runtime._cancels) == 2)
        gate.set()
        for key in keys[1:3]:
            fault = (await desk.answer(key)).fault
            assert fault is not None
            assert (fault.code, fault.not_run) == ("cancelled", True)
        assert (await desk.answer(keys[3])).status == 204
        assert ran == ["req-1", "req-4"]
        assert not runtime._cancels


async def test_the_right_one_of_two_workers_stops() -> None:
    """Both hear the cancel; the one that has the call stops it, and the other goes on."""
    service, gate = Service("shop", concurrency=1, prefetch=1), asyncio.Event()

    @service.operation
    async def work() -> str:
        await gate.wait()
        return "done"

    async with serving(service) as (desk, first, _):
        assert desk.hub is not None
        async with serving_another(desk, service) as (second, _other):
            keys = [desk.ask("work", timeout=60), desk.ask("work", timeout=60)]
            await eventually(lambda: first.stats.in_flight == second.stats.in_flight == 1)
            cancel(desk, keys[0])
            assert (await desk.answer(keys[0])).fault is not None
            gate.set()
            assert (await desk.answer(keys[1])).body == b"done"
            assert first.stats.cancelled + second.stats.cancelled == 1


async def test_garbage_on_the_topic_stops_nothing() -> None:
    """Whoever publishes there what is no cancel is not heard."""
    service, gate = Service("shop"), asyncio.Event()

    @service.operation
    async def work() -> str:
        await gate.wait()
        return "done"

    async with serving(service) as (desk, runtime, _):
        key = desk.ask("work")
        await eventually(lambda: runtime.stats.in_flight)
        for message in (Message(), Message(type="req", correlation_id=key), Message(type="cancel")):
            desk.broker.publish(message, routing_key=topic("shop"), exchange=TOPIC)
        gate.set()
        assert (await desk.answer(key)).body == b"done"


async def test_a_broker_that_forbids_listening_is_served_without(
    lines: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancels are a courtesy: without the right to hear them a worker works on, and says so."""

    async def refuse(*_: object) -> None:
        raise Fault("conflict", "access refused")

    monkeypatch.setattr(MemoryBroker, "listen", refuse)
    service = Service("shop")

    @service.operation
    async def ping() -> str:
        return "pong"

    async with serving(service) as (desk, _, _broker):
        assert (await desk.call("ping")).body == b"pong"
    assert any("no cancels will be heard" in line["msg"] for line in lines)


async def test_a_call_given_up_at_its_deadline_was_too_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever clock is first, a slow operation is counted and logged as one."""
    service = Service("shop")

    @service.operation
    async def work() -> None:
        await asyncio.sleep(60)

    async with serving(service) as (desk, runtime, _):
        monkeypatch.setattr("workers.runtime._NEARLY", 60)
        key = desk.ask("work", timeout=30)
        await eventually(lambda: runtime.stats.in_flight)
        cancel(desk, key)
        cancel(desk, key)
        fault = (await desk.answer(key)).fault
        assert fault is not None
        assert fault.code == "deadline"
        assert (runtime.stats.overrun, runtime.stats.cancelled) == (1, 0)


async def test_a_cancel_after_the_answer_changes_nothing() -> None:
    """A plain function that overran is counted once, though it still holds its place."""
    service, gate = Service("shop"), threading.Event()

    @service.operation
    def work() -> None:
        gate.wait(10)

    async with serving(service) as (desk, runtime, _):
        key = desk.ask("work", timeout=0.1)
        assert (await desk.answer(key)).fault is not None
        cancel(desk, key)
        other = desk.ask("work", timeout=30)
        await eventually(lambda: runtime.stats.in_flight == 2)
        gate.set()
        assert (await desk.answer(other)).fault is None
        assert (runtime.stats.overrun, runtime.stats.cancelled) == (1, 0)
