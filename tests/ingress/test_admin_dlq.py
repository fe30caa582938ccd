"""Dead letters on the admin port."""

import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from contracts import logs
from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Message
from ingress import admin, admin_dlq
from tests.ingress import admin_door
from tests.ingress.graveyard import dead, graveyard, ids
from tests.ingress.scraped import figures


@contextlib.asynccontextmanager
async def opened(
    *letters: Message,
) -> AsyncIterator[tuple[httpx.AsyncClient, MemoryBroker, MemoryHub]]:
    """Serve an admin app whose broker has these letters."""
    async with graveyard(*letters) as (broker, hub):
        app = admin.build(dict, figures, "text/plain", dict)
        admin_dlq.add_routes(app, broker, lambda: ["shop.dead", "never.dead"])
        async with admin_door.opened(app) as client:
            yield client, broker, hub


async def test_the_queues_of_the_routes_are_counted() -> None:
    """``GET /dlq`` tells the queues that are there, with how many and why."""
    async with opened(dead("1"), dead("2", "expired")) as (client, _, _hub):
        answer = await client.get("/dlq")
    (one,) = answer.json()["queues"]
    assert (one["queue"], one["messages"]) == ("shop.dead", 2)
    assert one["reasons"] == {"worker_error": 1, "expired": 1}


async def test_letters_are_shown() -> None:
    """``GET /dlq/shop`` shows the letters that fit the query, the oldest first."""
    async with opened(dead("1", ago=3600), dead("2"), dead("3")) as (client, _, _hub):
        answer = await client.get("/dlq/shop", params={"newer": "15m", "limit": 1})
        assert [one["id"] for one in answer.json()["letters"]] == ["2"]
        both = await client.get("/dlq/shop.dead?id=1&id=3&header=x-deadline%3D5")
        assert [one["id"] for one in both.json()["letters"]] == ["1", "3"]


async def test_letters_are_sent_again() -> None:
    """``POST /dlq/shop/requeue`` sends what fits, and tells how many."""
    async with opened(dead("1"), dead("2", "expired")) as (client, broker, _):
        answer = await client.post("/dlq/shop/requeue", json={"reason": "expired"})
        assert answer.json() == {
            "queue": "shop.dead",
            "dry_run": False,
            "total": 2,
            "looked": 2,
            "fitting": 1,
            "done": 1,
            "failed": 0,
            "failures": [],
            "stopped": "",
        }
        assert (await ids(broker), await ids(broker, "shop")) == (["1"], ["2"])


async def test_letters_are_dropped_and_it_is_written_down() -> None:
    """``POST /dlq/shop/drop`` drops what fits, and the log has the client's address."""
    log = io.StringIO()
    logs.configure(stream=log)
    async with opened(dead("1"), dead("2")) as (client, broker, _):
        dry = await client.post("/dlq/shop/drop", json={"all": True, "dry_run": True})
        assert (dry.json()["fitting"], dry.json()["done"]) == (2, 0)
        answer = await client.post("/dlq/shop/drop", json={"ids": ["1"]})
        assert answer.json()["done"] == 1
        assert await ids(broker) == ["2"]
    logs.configure()
    assert log.getvalue().count('who="admin port, 127.0.0.1"') == 4


@pytest.mark.parametrize(
    "path, sent, status, code",
    [
        ("/dlq/shop/drop", {"json": {}}, 422, "invalid_body"),
        ("/dlq/shop/drop", {"json": {"al": True}}, 422, "invalid_body"),
        ("/dlq/shop/drop", {"json": {"all": True, "to": "x"}}, 422, "invalid_body"),
        ("/dlq/shop/drop", {"json": {"newer": "5"}}, 400, "invalid_request"),
        ("/dlq/shop/requeue", {"json": {"all": True, "rate": 0}}, 422, "invalid_body"),
        ("/dlq/shop/requeue", {"json": {"all": True, "to": "shop.dead"}}, 400, "invalid_request"),
        ("/dlq/shop/requeue", {"json": {"all": True, "to": "nowhere"}}, 404, "no_route"),
        ("/dlq/nowhere/requeue", {"json": {"all": True}}, 404, "no_route"),
        (
            "/dlq/shop/drop",
            {"content": b"{", "headers": {"content-type": "application/json"}},
            400,
            "invalid_request",
        ),
        ("/dlq/shop/drop", {"data": {"all": "true"}}, 415, "unsupported_media_type"),
        (
            "/dlq/shop/drop",
            {"json": {"all": True}, "headers": {"origin": "http://evil.example"}},
            403,
            "forbidden",
        ),
    ],
)
async def test_a_wrong_order_changes_nothing(
    path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    """What is wrong with an order is told as a problem document, and nothing is done."""
    async with opened(dead("1")) as (client, broker, _):
        answer = await client.post(path, **sent)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert await ids(broker) == ["1"]


async def test_work_that_waits_is_no_dead_letter() -> None:
    """The name of a work queue means its dead letters, so that waiting work cannot be dropped."""
    async with opened(dead("1")) as (client, broker, _):
        await client.post("/dlq/shop/requeue", json={"all": True})
        answer = await client.post("/dlq/shop/drop", json={"all": True})
        assert answer.json()["total"] == 0
        assert await ids(broker, "shop") == ["1"]


async def test_wrong_questions_and_a_broker_that_is_away() -> None:
    """A number that is none is 400, a queue that is not there 404, a broker that is away 503."""
    async with opened() as (client, _, hub):
        assert (await client.get("/dlq/shop?limit=many")).status_code == 400
        assert (await client.get("/dlq/shop?header=x")).status_code == 400
        assert (await client.get("/dlq/nowhere")).status_code == 404
        hub.stop()
        assert (await client.get("/dlq")).status_code == 503
