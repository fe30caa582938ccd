"""The cache on the admin port."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ingress import admin, admin_cache
from ingress.cache.memory import Order
from ingress.cache.shelf import Shelf
from tests.ingress import admin_door
from tests.ingress.cache.entries import entry
from tests.ingress.scraped import figures

Purged = list[tuple[str, Order, int]]


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf(1_000_000, clock=lambda: 1010.0)
    shelf.memory.put(entry(path="/teas", tags=("menu",)))
    shelf.memory.put(entry(path="/teas/sencha", part="x=1", tags=("menu", "sencha")))
    shelf.memory.put(entry(path="/pots", host="other", vary=("x",), varied=("1",)))
    return shelf


@pytest.fixture
def purged() -> Purged:
    return []


@pytest.fixture
async def client(shelf: Shelf, purged: Purged) -> AsyncIterator[httpx.AsyncClient]:
    app = admin.build(dict, figures, "text/plain", dict)
    admin_cache.add_routes(app, shelf, lambda *told: purged.append(told))
    async with admin_door.opened(app) as made:
        yield made


async def test_it_tells_how_the_cache_does(client: httpx.AsyncClient, shelf: Shelf) -> None:
    """What is kept, in how much memory, and what was answered how."""
    shelf.counts.update(hit=3, miss=1)
    told = (await client.get("/v1/cache")).json()
    assert (told["entries"], told["size"], told["hit_ratio"]) == (3, 1_000_000, 0.75)
    assert told["results"]["hit"] == 3


@pytest.mark.parametrize(
    "params, paths",
    [
        ({}, ["/pots", "/teas", "/teas/sencha"]),
        ({"prefix": "/teas/"}, ["/teas/sencha"]),
        ({"path": "/teas"}, ["/teas"]),
        ({"tag": "sencha"}, ["/teas/sencha"]),
        ({"host": "other"}, ["/pots"]),
        ({"limit": "1"}, ["/teas"]),
    ],
)
async def test_entries_are_chosen(
    client: httpx.AsyncClient, params: dict[str, str], paths: list[str]
) -> None:
    """By path, prefix, tag or host."""
    told = (await client.get("/v1/cache/entries", params=params)).json()["entries"]
    assert sorted(one["path"] for one in told) == paths


@pytest.mark.parametrize(
    "order, dropped",
    [
        ({"path": "/teas"}, 1),
        ({"path": "/teas?page=2"}, 1),
        ({"prefix": "/teas"}, 2),
        ({"tag": "menu"}, 2),
        ({"all": True}, 3),
        ({"path": "/pots", "host": "SHOP"}, 0),
    ],
)
async def test_answers_are_dropped(
    client: httpx.AsyncClient, shelf: Shelf, purged: Purged, order: dict[str, Any], dropped: int
) -> None:
    """And who did that is told."""
    told = await client.post("/v1/cache/purge", json=order)
    assert told.json() == {"dropped": dropped}
    assert len(shelf.memory) == 3 - dropped
    ((who, _, count),) = purged
    assert (who, count) == ("admin port, 127.0.0.1", dropped)


@pytest.mark.parametrize(
    "body, headers, status",
    [
        (b"{}", {}, 422),
        (b'{"path": "/a", "tag": "b"}', {}, 422),
        (b'{"path": "teas"}', {}, 422),
        (b'{"prefix": "http://shop/"}', {}, 422),
        (b'{"tags": "x"}', {}, 422),
        (b"{", {}, 400),
        (b"[" * 100_000, {}, 422),
        (b'{"all": true}', {"content-type": "text/plain"}, 415),
        (b'{"all": true}', {"origin": "https://evil.example"}, 403),
    ],
)
async def test_an_order_must_be_clear(
    client: httpx.AsyncClient, shelf: Shelf, body: bytes, headers: dict[str, str], status: int
) -> None:
    """And nothing is dropped by one that is not, nor by a web page."""
    whole = {"content-type": "application/json", **headers}
    answer = await client.post("/v1/cache/purge", content=body, headers=whole)
    assert answer.status_code == status
    assert len(shelf.memory) == 3


async def test_a_question_must_be_clear(client: httpx.AsyncClient) -> None:
    """A parameter that is not known is told, and a number that is none."""
    for params in ({"tags": "x"}, {"limit": "0"}, {"limit": "x"}):
        assert (await client.get("/v1/cache/entries", params=params)).status_code == 400
