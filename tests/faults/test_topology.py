"""What is promised when somebody deletes at the broker what we use."""

import asyncio
from typing import Any
from urllib.parse import quote

from tests.faults.ledger import settle
from tests.faults.load import Kind, Load
from tests.faults.theatre import RECOVERY, Theatre
from tests.harness.waiting import eventually

GRACE = 0.5
GET = Kind("GET", "/work", 2, idempotent=True)
POST = Kind("POST", "/once", 2, idempotent=False)


def _call(theatre: Theatre, method: str, what: str, *names: str, body: object = None) -> Any:
    path = "/".join(quote(name, safe="") for name in (theatre.vhost, *names))
    return theatre.broker.management.call(method, f"/{what}/{path}", body)


async def test_a_work_queue_that_is_deleted(theatre: Theatre) -> None:
    """Its workers are cancelled by the server, declare it again, and serve within 2 s."""
    async with Load(lambda: [theatre.port], [GET, POST], clients=6) as load:
        await eventually(lambda: len(load.requests) > 20)
        await asyncio.to_thread(_call, theatre, "DELETE", "queues", "crew")
        await eventually(theatre.answers, within=RECOVERY + GRACE)
        ledger = settle(await load.stop(), theatre.stage.runs(), grace=GRACE)
    assert ledger.broken() == []
    # Waiting for an answer to a call that was in the queue is what the deadline is for.
    assert set(ledger.codes) <= {"200", "no_route", "deadline", "worker_lost"}


async def test_no_queue_is_told_at_once(theatre: Theatre) -> None:
    """While the queue is not there, 503 ``no_route`` comes long before the deadline."""
    for worker in theatre.stage.workers:
        worker.kill()
    await asyncio.to_thread(_call, theatre, "DELETE", "queues", "crew")
    async with asyncio.timeout(1):
        answer = await theatre.ask("POST", "/long")
    assert (answer.status, answer.code) == (503, "no_route")
    assert "retry-after" in answer.headers


async def test_a_reply_queue_that_is_deleted(theatre: Theatre) -> None:
    """Calls in flight hear of it at once, and the gateway has another one within 2 s."""
    flying = asyncio.create_task(theatre.ask("POST", "/long?ms=9000", x_request_id="flying"))
    await eventually(lambda: theatre.stage.runs()["flying"])
    names = [each["name"] for each in _call(theatre, "GET", "queues")]
    (replies,) = [name for name in names if ".replies." in name]
    # Exclusive: no other connection may delete it, but the broker's operator may.
    await asyncio.to_thread(theatre.broker.delete_queue, theatre.vhost, replies)
    async with asyncio.timeout(GRACE):
        answer = await flying
    assert (answer.status, answer.code) == (503, "broker_down")
    await eventually(theatre.answers, within=RECOVERY + GRACE)
    assert theatre.stage.runs()["flying"] == 1


async def test_an_exchange_that_is_deleted(theatre: Theatre) -> None:
    """Its route is told ``no_route``; the others go on, and it does when it is there again."""
    kind = {"type": "direct", "durable": True}
    binding = {"routing_key": "crew.once"}

    def make() -> None:
        _call(theatre, "PUT", "exchanges", "bus", body=kind)
        _call(theatre, "POST", "bindings", "e", "bus", "q", "crew", body=binding)

    await asyncio.to_thread(make)
    assert (await theatre.ask("POST", "/bus")).status == 200
    await asyncio.to_thread(_call, theatre, "DELETE", "exchanges", "bus")
    async with asyncio.timeout(1):
        answer = await theatre.ask("POST", "/bus")
    assert answer.status == 503
    await eventually(theatre.answers, within=RECOVERY + GRACE)
    answer = await theatre.ask("POST", "/bus")
    assert (answer.status, answer.code) == (503, "no_route")
    await asyncio.to_thread(make)
    await eventually(lambda: theatre.answers("POST", "/bus"), within=RECOVERY + GRACE)
