"""What the admin port takes out of a request."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from sanic import HTTPResponse, Request

from ingress import admin, admin_requests
from ingress.admin_answers import answer, guarded
from tests.ingress import admin_door
from tests.ingress.scraped import figures


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """An order."""

    what: str


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Gives back what it read."""

    async def post(request: Request) -> HTTPResponse:
        return answer(admin_requests.read_order(request, Order))

    async def get(request: Request) -> HTTPResponse:
        return answer(admin_requests.number(request, "top", 7, 1000))

    async def several(request: Request) -> HTTPResponse:
        return answer(admin_requests.page(request))

    app = admin.build(dict, figures, "text/plain", dict)
    app.add_route(guarded(post), "/order", methods=["POST"], name="post")
    app.add_route(guarded(get), "/number", name="get")
    app.add_route(guarded(several), "/page", name="several")
    async with admin_door.opened(app) as made:
        yield made


@pytest.mark.parametrize(
    "sent, status",
    [
        ({"json": {"what": "a"}}, 200),
        ({"content": b'{"what": "a"}', "headers": {"content-type": "Application/JSON; x=y"}}, 200),
        ({"json": {"what": "a"}, "headers": {"origin": "https://evil.example"}}, 403),
        ({"json": {"what": "a"}, "headers": {"origin": ""}}, 403),
        ({"content": b'{"what": "a"}'}, 415),
        ({"data": {"what": "a"}}, 415),
        ({"json": {"what": 1}}, 422),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
    ],
)
async def test_an_order_comes_as_json_and_from_no_page(
    client: httpx.AsyncClient, sent: dict[str, Any], status: int
) -> None:
    """What a page of somebody else could make a browser send is refused."""
    answered = await client.post("/order", **sent)
    assert answered.status_code == status
    assert status != 200 or answered.json() == {"what": "a"}


@pytest.mark.parametrize("query, number", [("", 7), ("?top=1", 1), ("?top=1000", 1000)])
async def test_a_number_of_the_query_is_read(
    client: httpx.AsyncClient, query: str, number: int
) -> None:
    """Without one it is the usual."""
    assert (await client.get(f"/number{query}")).json() == number


@pytest.mark.parametrize("text", ["0", "1001", "-1", "1.5", "many", "%D9%A3", "9" * 5000])
async def test_what_is_no_number_is_refused(client: httpx.AsyncClient, text: str) -> None:
    """However long it is, and with the numbers that could be."""
    answered = await client.get(f"/number?top={text}")
    assert answered.status_code == 400
    assert answered.json()["detail"] == "top is a number from 1 to 1000"


@pytest.mark.parametrize("query, most", [("", 50), ("?limit=7", 7), ("?limit=5000", 1000)])
async def test_a_page_has_a_bound(client: httpx.AsyncClient, query: str, most: int) -> None:
    """Who wants more gets as much as there is in one answer."""
    assert (await client.get(f"/page{query}")).json() == most
    assert (await client.get("/page?limit=0")).status_code == 400
