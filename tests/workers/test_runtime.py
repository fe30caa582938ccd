import asyncio
import random
import threading
import time

import msgspec
import pytest

from contracts.brokers.port import Queue
from contracts.call import Reply
from contracts.fault import Fault
from tests.harness.waiting import eventually
from tests.workers.desk import serving
from workers.context import Context
from workers.runtime import Runtime
from workers.service import Service


class Item(msgspec.Struct):
    sku: str
    quantity: int = 1


def _shop(**settings: object) -> Service:
    service = Service("shop", **settings)  # type: ignore[arg-type]

    @service.operation(status=201)
    async def add(ctx: Context, item: Item) -> Item:
        return item

    @service.operation
    async def boom() -> None:
        raise RuntimeError("the password is hunter2")

    return service


async def test_a_call_is_answered_with_what_the_operation_returned() -> None:
    """A call runs its operation, and the reply carries its result and the time it took."""
    async with serving(_shop()) as (desk, runtime, _):
        reply = await desk.call("add", json={"sku": "tea"})
    assert reply.status == 201
    assert msgspec.json.decode(reply.body) == {"sku": "tea", "quantity": 1}
    assert reply.worker_us is not None
    assert (runtime.stats.calls, runtime.stats.in_flight) == (1, 0)


async def test_a_plain_function_runs_in_a_thread_and_does_not_block() -> None:
    """Plain functions run in threads: two that wait for each other both end."""
    service = Service("shop")
    meeting = threading.Barrier(2, timeout=5)

    @service.operation
    def meet() -> int:
        return meeting.wait()

    async with serving(service) as (desk, _, _broker):
        replies = await asyncio.gather(desk.call("meet"), desk.call("meet"))
    assert {reply.body for reply in replies} == {b"0", b"1"}


async def test_an_exception_tells_the_client_nothing_and_the_log_everything(
    lines: list[dict[str, str]],
) -> None:
    """An exception is ``worker_error`` without its text; the log has the traceback and the id."""
    async with serving(_shop()) as (desk, _, _broker):
        key = desk.ask("boom")
        reply = await desk.answer(key)
        wire = desk.replies[key][0].body
    assert reply.fault is not None
    assert reply.fault.code == "worker_error"
    assert b"hunter2" not in wire
    (line,) = [line for line in lines if line["level"] == "ERROR"]
    assert line["request_id"] == "req-1"
    assert line["operation"] == "shop.boom"
    assert "RuntimeError: the password is hunter2" in line["exception"]


async def test_an_unknown_operation_is_said_to_be_one() -> None:
    """A call for an operation that is not offered is answered ``unknown_operation``."""
    async with serving(_shop()) as (desk, runtime, _):
        reply = await desk.call("nothing")
    assert reply.fault is not None
    assert reply.fault.code == "unknown_operation"
    assert reply.fault.not_run
    assert runtime.stats.faults["unknown_operation"] == 1


async def test_a_message_that_makes_no_call_is_answered_and_kept() -> None:
    """Garbage is answered ``invalid_request``, kept with its reason, and acked."""
    async with serving(_shop()) as (desk, runtime, _broker):
        desk.raw("g", b"\xc1 garbage", headers={"x-mine": 1}, message_id="m-1")
        reply = await desk.answer("g")
        await eventually(desk.dead)
        assert await desk.ready() == 0
        kept: list[object] = []
        await desk.broker.consume("shop.dead", lambda d: kept.append(d.message), prefetch=1)
        await eventually(lambda: kept)
    assert reply.fault is not None
    assert reply.fault.code == "invalid_request"
    assert runtime.stats.malformed == 1
    headers = kept[0].headers  # type: ignore[attr-defined]
    assert (headers["x-dead-queue"], headers["x-mine"]) == ("shop", 1)
    assert headers["x-dead-reason"] == "invalid_request"
    assert "msgpack" in headers["x-dead-detail"]


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_no_more_run_at_one_time_than_allowed(concurrency: int) -> None:
    """No more operations run at one time than the service allows."""
    service, now, most = Service("shop", concurrency=concurrency, prefetch=20), 0, 0

    @service.operation
    async def work() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        now -= 1

    async with serving(service) as (desk, _, _broker):
        await asyncio.gather(*(desk.call("work") for _ in range(20)))
    assert most == concurrency


async def test_a_reply_that_cannot_be_written_is_worker_error(lines: list[dict[str, str]]) -> None:
    """What JSON cannot carry, a Reply that HTTP cannot carry, and too much are ``worker_error``."""
    service = Service("shop", max_reply=100)
    results = {
        "odd": object(),
        "huge": "x" * 101,
        "status": Reply(status=99),
        "header": Reply(headers=(("a", "b\r\nc: d"),)),
        "body": Reply(body="text"),  # type: ignore[arg-type]
    }

    @service.operation
    async def give(what: str) -> object:
        return results[what]

    async with serving(service) as (desk, _, _broker):
        for what in results:
            reply = await desk.call("give", params={"what": what})
            assert reply.fault is not None
            assert reply.fault.code == "worker_error", what
    assert len([line for line in lines if line["level"] == "ERROR"]) == len(results)


async def test_a_reply_that_makes_no_message_costs_no_place() -> None:
    """A policy that settles with what is no Reply is worker_error, for plain functions too."""

    class Careless:
        def admit(self, context: Context) -> None:
            return None

        def settle(self, context: Context, reply: Reply) -> Reply:
            return {"status": 200}  # type: ignore[return-value]

    service = Service("shop", policies=[Careless()], concurrency=1)

    @service.operation
    def plain() -> str:
        return "hello"

    async with serving(service) as (desk, runtime, _):
        for _ in range(2):
            reply = await desk.call("plain", timeout=None)
            assert reply.fault is not None
            assert reply.fault.code == "worker_error"
        assert runtime.stats.in_flight == 0


async def test_a_call_without_reply_queue_is_run_and_acked(lines: list[dict[str, str]]) -> None:
    """Fire and forget: it is run and acked; a fault that nobody hears of is logged."""
    service, ran = Service("shop"), []

    @service.operation
    async def tell(fail: bool = False) -> str:  # noqa: FBT001, FBT002
        ran.append(fail)
        if fail:
            raise Fault("nobody_home", status=409)
        return "unheard"

    async with serving(service) as (desk, runtime, _):
        desk.ask("tell", reply=False)
        desk.ask("tell", reply=False, query="fail=1")
        await eventually(lambda: runtime.stats.calls == 2 and runtime.stats.in_flight == 0)
        assert await desk.ready() == 0
        # In its dead letter somebody hears of it.
        await eventually(desk.dead)
    assert ran == [False, True]
    assert any("nobody waits" in line["msg"] for line in lines)


async def test_exactly_one_reply_whatever_happens() -> None:  # noqa: C901 - a storm has many winds
    """A storm of successes, faults, crashes, hangs, garbage and late calls: one reply each."""
    service = Service("shop", concurrency=8, prefetch=16)
    luck = random.Random(7)

    @service.operation
    async def storm(ctx: Context, kind: str) -> object:
        await asyncio.sleep(luck.random() * 0.01)
        if kind == "hang":
            await asyncio.sleep(60)
        if kind == "fault":
            raise Fault("conflict")
        if kind == "cancel":
            raise asyncio.CancelledError
        if kind == "exit":
            raise SystemExit(3)
        return object() if kind == "odd" else kind

    @service.operation
    def thread(kind: str) -> str:
        time.sleep(luck.random() * 0.03)
        if kind == "exit":
            raise SystemExit(3)
        if kind == "stop":
            raise StopIteration
        return kind

    async with serving(service) as (desk, runtime, _):
        keys = []
        for number in range(200):
            kind = luck.choice(["ok", "hang", "fault", "cancel", "exit", "odd", "stop"])
            name = luck.choice(["storm", "thread", "nothing"])
            timeout = luck.choice([0.02, 1, -1])
            if kind == "hang" and timeout == 1:
                timeout = 0.05
            keys.append(desk.ask(name, params={"kind": kind}, timeout=timeout))
            if number % 10 == 0:
                desk.raw(f"garbage-{number}", luck.randbytes(20))
                keys.append(f"garbage-{number}")
        for key in keys:
            await desk.answer(key, within=20)
        await eventually(lambda: runtime.stats.in_flight == 0)
        assert await desk.ready() == 0
    assert {len(messages) for messages in desk.replies.values()} == {1}
    assert set(desk.replies) == set(keys)


async def test_a_queue_with_settings_of_an_operators_own_is_taken_as_it_is() -> None:
    """A queue that exists with other settings is consumed from, not fought over."""
    async with serving(Service("other")) as (desk, _, broker):
        await desk.broker.declare(Queue(name="shop", max_length=10))
        runtime = Runtime(_shop(), broker)
        await runtime.start()
        desk.service = _shop()
        reply = await desk.call("shop.add", json={"sku": "tea"})
        await runtime.drain(1)
    assert reply.status == 201


async def test_a_dead_letter_queue_that_is_out_of_reach_does_not_keep_it_from_serving(
    monkeypatch: pytest.MonkeyPatch, lines: list[dict[str, str]]
) -> None:
    """While the node of that queue is away calls are served, and the log says what is missing."""
    async with serving(Service("other")) as (desk, _, broker):
        declare = broker.declare

        async def away(queue: Queue) -> None:
            if queue.name.endswith(".dead"):
                raise Fault("no_route", "home node of durable queue is down")
            await declare(queue)

        monkeypatch.setattr(broker, "declare", away)
        runtime = Runtime(_shop(), broker)
        await runtime.start()
        desk.service = _shop()
        reply = await desk.call("shop.add", json={"sku": "tea"})
        await runtime.drain(1)
    assert reply.status == 201
    assert any("cannot be reached: home node" in line["msg"] for line in lines)


async def test_the_repr_tells_what_a_runtime_does() -> None:
    """The repr tells the service, the state and what was counted."""
    async with serving(_shop()) as (desk, runtime, _):
        await desk.call("add", json={"sku": "tea"})
        assert repr(runtime).startswith("<Runtime shop serving <Stats calls=1 in_flight=0")
