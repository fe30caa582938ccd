import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.dialects import dialect
from contracts.fault import Fault
from ingress.plan import Plan, Target
from ingress.replay.sinks.queue import Detour, QueueSink
from ingress.router import Router
from tests.harness.waiting import eventually
from tests.ingress.replay.playback import item
from workers import runner
from workers.context import Context
from workers.service import Service

TARGET = Target(operation="orders.get", dialect=dialect("queuegate"), routing_key="orders")
ROUTER = Router(
    [Plan(name="GET /orders/{id}", method="GET", pattern="/orders/{id}", target=TARGET, timeout=5)]
)


def service(queue: str) -> Service:
    """Make one version of the service, on a queue of its own."""
    orders = Service("orders", queue=queue)

    @orders.operation
    async def get(ctx: Context, id: str) -> dict[str, str | None]:  # noqa: A002
        if id == "9":
            raise Fault("gone", status=410)
        return {"id": id, "replay": ctx.replay, "route": ctx.call.route, "queue": queue}

    return orders


async def _is_served(broker: MemoryBroker, queue: str) -> bool:
    stats = await broker.stats(queue)
    return stats is not None and stats.consumers > 0


@asynccontextmanager
async def served(*queues: str, detour: Detour | None = None) -> AsyncIterator[QueueSink]:
    """Serve ``orders.get`` from queues of these names, and open a sink."""
    hub, stop = MemoryHub(), asyncio.Event()
    brokers = [MemoryBroker(hub) for _ in queues]
    crews = [
        asyncio.create_task(runner.serve([service(queue)], broker, stop=stop))
        for queue, broker in zip(queues, brokers, strict=True)
    ]
    mine = MemoryBroker(hub)
    sink = QueueSink(mine, ROUTER, name="memory", detour=detour, timeout=5)
    mine.start()
    await mine.ready(5)
    for queue in queues:
        await eventually(partial(_is_served, mine, queue))
    try:
        yield sink
    finally:
        await sink.close()
        stop.set()
        await asyncio.gather(*crews)


async def test_a_call_goes_straight_to_the_queue_of_its_route() -> None:
    """Route, operation and parameters are those of the route file; the worker sees a replay."""
    async with served("orders") as sink:
        sent = await sink.send(item(7), "mend")
    assert sent.answer.status == 200
    assert b'"replay":"r-7"' in sent.answer.body
    assert b'"id":"7"' in sent.answer.body
    assert b'"route":"GET /orders/{id}"' in sent.answer.body
    assert sent.answer.seconds > 0
    assert sent.id


async def test_a_fault_is_what_the_client_would_have_got() -> None:
    """A fault has its status, its code and the document that the gateway would write."""
    async with served("orders") as sink:
        sent = await sink.send(item(9), "mend")
    assert (sent.answer.status, sent.answer.code) == (410, "gone")
    assert b'"code":"gone"' in sent.answer.body


async def test_a_detour_leads_to_another_queue() -> None:
    """The new version's queue gets the calls, and the old one none."""
    async with served("orders", "orders.v2", detour=Detour(queue="orders.v2")) as sink:
        assert sink.name == "memory queue orders.v2"
        assert b'"queue":"orders.v2"' in (await sink.send(item(7), "mend")).answer.body


async def test_what_cannot_be_sent_has_not_left() -> None:
    """No route and no queue are known to have run nothing."""
    async with served() as sink:
        sent = await sink.send(item(7, path="/other"), "mend")
        assert (sent.answer.status, sent.left) == (0, False)
        assert sent.answer.error == "no route takes it: not_found"
        sent = await sink.send(item(7), "mend")
        assert (sent.answer.status, sent.answer.code, sent.left) == (503, "no_route", False)


@pytest.mark.parametrize(
    "detour, expected",
    [
        (Detour(queue="q"), ("", "q")),
        (Detour(exchange="e"), ("e", "orders.get")),
        (Detour(exchange="e", routing_key="k"), ("e", "k")),
    ],
)
def test_a_detour_is_a_queue_or_an_exchange(detour: Detour, expected: tuple[str, str]) -> None:
    """An exchange gets the routing key that was given, or the operation's name."""
    found = detour.of(TARGET)
    assert (found.exchange, found.routing_key) == expected
    assert detour
    assert not Detour()
    assert str(detour) in {"queue q", "exchange e", "exchange e k"}
