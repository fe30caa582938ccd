"""Limits on the admin port."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ingress import admin, admin_limits
from ingress.limits.limit import limits
from ingress.limits.local import LocalMeter
from ingress.limits.rate import parse
from tests.ingress import admin_door
from tests.ingress.limits.contract import passes
from tests.ingress.scraped import figures

_RATES, _QUOTAS = limits("a", [parse("10/m")], {"day": 5})
_OTHER = limits("b", [parse("4/m")])[0]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def client(told: list[str]) -> AsyncIterator[httpx.AsyncClient]:
    meter = LocalMeter(None)
    for limit, key, calls in ((_RATES, "anna", 3), (_QUOTAS, "anna", 5), (_OTHER, "ben", 1)):
        await passes(meter, limit, calls, key)
    app = admin.build(dict, figures, "text/plain", dict)
    known = [_RATES, _QUOTAS, _OTHER]
    admin_limits.add_routes(app, meter, lambda: known, lambda level, text: told.append(text))
    async with admin_door.opened(app) as made:
        yield made
    await meter.close()


async def _usage(client: httpx.AsyncClient, **asked: Any) -> list[tuple[str, str, int, int]]:
    usage = (await client.get("/v1/limits", params=asked)).json()["usage"]
    return [
        (window["name"], one["key"], window["used"], window["left"])
        for one in usage
        for window in one["windows"]
    ]


async def test_it_tells_who_has_used_what(client: httpx.AsyncClient) -> None:
    """The fullest first, of all limits, of one, or of one key."""
    assert await _usage(client) == [
        ("a-day", "anna", 5, 0),
        ("a-1m", "anna", 3, 7),
        ("b", "ben", 1, 3),
    ]
    assert await _usage(client, limit="b") == [("b", "ben", 1, 3)]
    assert await _usage(client, key="nobody") == []
    assert len(await _usage(client, top=1)) == 1


async def test_a_key_begins_anew(client: httpx.AsyncClient, told: list[str]) -> None:
    """All that a name stands for is forgotten for the key, and somebody hears who did it."""
    order = {"limit": "a", "key": "anna"}
    assert (await client.post("/v1/limits/reset", json=order)).json() == {"reset": True}
    assert (await client.post("/v1/limits/reset", json=order)).json() == {"reset": False}
    assert await _usage(client) == [("b", "ben", 1, 3)]
    assert told == ["admin port, 127.0.0.1: anna begins anew under the limit a"]


@pytest.mark.parametrize(
    "method, path, sent, status",
    [
        ("GET", "/v1/limits?limit=nothing", {}, 404),
        ("GET", "/v1/limits?top=0", {}, 400),
        ("POST", "/v1/limits/reset", {"json": {"limit": "nothing", "key": "x"}}, 404),
        ("POST", "/v1/limits/reset", {"json": {"limit": "a"}}, 422),
        ("POST", "/v1/limits/reset", {"json": {"limit": "a", "key": "x", "y": 1}}, 422),
        ("POST", "/v1/limits/reset", {"data": {"limit": "a"}}, 415),
        (
            "POST",
            "/v1/limits/reset",
            {"content": b"{", "headers": {"content-type": "application/json"}},
            400,
        ),
        (
            "POST",
            "/v1/limits/reset",
            {"json": {"limit": "a", "key": "x"}, "headers": {"origin": "https://x"}},
            403,
        ),
    ],
)
async def test_what_is_no_order_is_refused(
    client: httpx.AsyncClient, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    """Whatever is asked wrong is told as a problem document."""
    answer = await client.request(method, path, **sent)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
