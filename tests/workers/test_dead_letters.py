"""Keeping what a worker could not deal with, and counting the workers that a message cost."""

import asyncio
from collections import Counter
from functools import partial

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Broker, Message, Queue
from contracts.call import Call
from contracts.dead_letter import Letter, read
from contracts.dialects import dialect
from contracts.fault import Fault
from tests.harness.waiting import eventually
from tests.workers.desk import crash, serving, serving_another
from workers import dead_letters
from workers.context import Context
from workers.dead_letters import DeadLetters
from workers.runtime import Runtime
from workers.service import Service
from workers.stats import Stats


async def letters(broker: Broker, queue: str = "shop.dead") -> list[Letter]:
    """Look at the dead letters."""
    pull = await broker.pull(queue)
    found = []
    while delivery := await pull.take():
        found.append(read(delivery.message))
    await pull.close()
    return found


async def test_a_letter_is_there_before_the_message_is_acked() -> None:
    """A message leaves its queue only when the broker has confirmed its dead letter."""
    hub = MemoryHub()
    broker = MemoryBroker(hub)
    broker.start()
    await broker.ready(5)
    for name in ("shop", "shop.dead"):
        await broker.declare(Queue(name=name))
    broker.publish(Message(body=b"?", reply_to="r"), routing_key="shop")
    pull = await broker.pull("shop")
    delivery = await pull.take()
    assert delivery is not None
    keeper = DeadLetters(Service("shop"), broker, Stats())
    keeper.keep(delivery, "invalid_request", "no map")
    keeper.keep(delivery, "invalid_request", "again")
    keeper.settle(delivery)
    assert repr(keeper) == "<DeadLetters shop.dead moving=1>"
    assert repr(pull).endswith("unsettled=1>")
    await keeper.finish(1)
    assert repr(pull).endswith("unsettled=0>")
    (letter,) = await letters(broker)
    assert (letter.last.reason, letter.last.detail, letter.last.queue) == (
        "invalid_request",
        "no map",
        "shop",
    )
    await broker.close()


async def test_a_deleted_dead_letter_queue_is_made_again(
    monkeypatch: pytest.MonkeyPatch, lines: list[dict[str, str]]
) -> None:
    """When somebody has deleted the dead-letter queue, that is an error in the log, not a loss."""
    monkeypatch.setattr(dead_letters, "FIRST_PAUSE", 0.01)
    async with serving(Service("shop")) as (desk, _, _worker):
        await desk.broker.delete("shop.dead")
        desk.raw("g", b"garbage")
        await eventually(desk.dead)
    assert any("cannot be put there" in line["msg"] for line in lines if line["level"] == "ERROR")


async def test_a_full_dead_letter_queue_holds_the_message_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While a bounded dead-letter queue refuses, the message stays unacked, and is tried again."""
    monkeypatch.setattr(dead_letters, "FIRST_PAUSE", 0.01)
    service = Service("shop")
    hub = MemoryHub()
    operator = MemoryBroker(hub)
    operator.start()
    await operator.ready(5)
    await operator.declare(Queue(name="shop.dead", max_length=1))
    runtime = Runtime(service, operator)
    await runtime.start()
    for number in range(2):
        operator.publish(Message(body=b"garbage", message_id=str(number)), routing_key="shop")
    await eventually(lambda: runtime.stats.dead == 2)
    assert [letter.id for letter in await letters(operator)] == ["0"]
    pull = await operator.pull("shop.dead")
    first = await pull.take()
    assert first is not None
    first.ack()
    await pull.close()

    async def second() -> bool:
        return [letter.id for letter in await letters(operator)] == ["1"]

    await eventually(second)
    await runtime.drain(1)
    await operator.close()


@pytest.mark.parametrize("reply", [True, False], ids=["idempotent call", "fire and forget"])
async def test_a_message_that_kills_its_workers_ends_in_the_dead_letters(*, reply: bool) -> None:
    """After ``delivery_limit`` lost workers it is not begun again, and its letter says so."""
    begun: Counter[str] = Counter()

    def make() -> Service:
        service = Service("shop", delivery_limit=3)

        @service.operation(idempotent=True)
        async def work(ctx: Context) -> None:
            begun[ctx.request_id] += 1
            assert ctx.redelivered == (begun[ctx.request_id] > 1)
            await asyncio.sleep(60)

        return service

    def is_begun(times: int) -> bool:
        return begun[f"req-{key}"] == times

    async with serving(make()) as (desk, _, broker):
        key = desk.ask("work", timeout=60, reply=reply)
        await eventually(partial(is_begun, 1))
        crash(desk, broker)
        for lost in (2, 3):
            async with serving_another(desk, make()) as (_, victim):
                await eventually(partial(is_begun, lost))
                crash(desk, victim)
        async with serving_another(desk, make()):
            await eventually(desk.dead)
        assert begun[f"req-{key}"] == 3
        (letter,) = await letters(desk.broker)
        assert (letter.last.reason, letter.operation) == ("delivery_limit", "shop.work")
        assert letter.last.detail == "3 workers were lost with this message"
        if reply:
            fault = (await desk.answer(key)).fault
            assert fault is not None
            assert fault.code == "worker_lost"


async def test_what_a_drain_cuts_off_without_anybody_to_tell_is_run_again() -> None:
    """A fire-and-forget message that outlasts the drain goes back to its queue."""
    service, begun = Service("shop"), asyncio.Event()

    @service.operation
    async def work() -> None:
        begun.set()
        await asyncio.sleep(60)

    async with serving(service) as (desk, runtime, _):
        desk.ask("work", reply=False)
        await begun.wait()
        await runtime.drain(0.01)
        assert await desk.ready() == 1
        assert await desk.dead() == 0


async def test_a_count_that_cannot_be_kept_is_told() -> None:
    """When no copy can be made the original stays, unacked, and its holder hears why."""
    hub = MemoryHub()
    broker = MemoryBroker(hub)
    broker.start()
    await broker.ready(5)
    await broker.declare(Queue(name="shop"))
    broker.publish(Message(body=b"?"), routing_key="shop")
    pull = await broker.pull("shop")
    delivery = await pull.take()
    assert delivery is not None
    hub.block()
    keeper, heard = DeadLetters(Service("shop"), broker, Stats()), list[Fault | None]()
    keeper.count(delivery, 1, heard.append)
    await eventually(lambda: heard)
    assert heard[0] is not None
    assert heard[0].code == "broker_blocked"
    assert repr(pull).endswith("unsettled=1>")
    await broker.close()


@pytest.mark.parametrize("comes_up", [True, False])
async def test_what_comes_before_the_broker_is_up_is_not_kept_for_ever(
    *, comes_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted once it is up, and given back if that takes too long: never left unsettled."""
    monkeypatch.setattr(dead_letters, "COMING_UP", 1.0 if comes_up else 0.01)
    hub = MemoryHub()
    broker, other = MemoryBroker(hub), MemoryBroker(hub)
    for client in (broker, other):
        client.start()
        await client.ready(5)
    await broker.declare(Queue(name="shop"))
    broker.publish(Message(body=b"?"), routing_key="shop")
    pull = await other.pull("shop")
    delivery = await pull.take()
    assert delivery is not None
    # As between the start of its consumers and the end of a reconnect.
    broker.disconnected("on its way up")
    keeper, heard = DeadLetters(Service("shop"), broker, Stats()), list[Fault | None]()
    keeper.count(delivery, 1, heard.append)
    if comes_up:
        broker.reconnect()
    await eventually(lambda: heard)
    assert [fault and fault.code for fault in heard] == [None if comes_up else "broker_down"]
    assert repr(pull).endswith("unsettled=0>")
    stats = await other.stats("shop")
    assert stats is not None
    assert stats.messages == 1
    await broker.close()
    await other.close()


async def test_accepted_work_is_put_back_confirmed_and_unmarked() -> None:
    """A leaving worker gives it back without a loss and without counting as lost with it."""
    service = Service("shop", concurrency=1, prefetch=3)
    gate = asyncio.Event()

    @service.operation
    async def work() -> None:
        await gate.wait()

    async with serving(service) as (desk, runtime, _):
        for _ in range(3):
            desk.ask("work", reply=False, timeout=None)
        await eventually(lambda: len(runtime._waiting) == 2)
        asyncio.get_running_loop().call_later(0.05, gate.set)
        await runtime.drain(5)
        pull = await desk.broker.pull("shop")
        back = [await pull.take() for _ in range(3)]
        assert [one.redelivered for one in back if one] == [False, False]
        # And one that it took for the last call, and found that nobody waits for.
        assert runtime.stats.returned == 3
        await pull.close()


async def test_accepted_work_that_cannot_be_put_back_stays() -> None:
    """When its queue takes no copy the message itself goes back: it is never lost."""
    service, gate = Service("shop", concurrency=1, prefetch=2), asyncio.Event()

    @service.operation
    async def work() -> None:
        await gate.wait()

    hub = MemoryHub()
    broker = MemoryBroker(hub)
    broker.start()
    await broker.ready(5)
    await broker.declare(Queue(name="shop", max_length=1))
    runtime = Runtime(service, broker)
    await runtime.start()
    call = Call(id="r", operation="shop.work")
    speaker = dialect("queuegate")
    message = speaker.request(call, correlation_id="r", reply_to="", expiration_ms=60_000)
    for _ in range(3):
        broker.publish(message, routing_key="shop")
    await eventually(lambda: len(runtime._waiting) == 1)
    asyncio.get_running_loop().call_later(0.05, gate.set)
    await runtime.drain(5)
    stats = await broker.stats("shop")
    assert stats is not None
    assert stats.messages == 2
    await broker.close()
