"""Maintenance on the admin port, and the command that asks it."""

from pathlib import Path

from tests.ingress.served import Served, served
from workers.service import Service

ROUTES = """
groups: {shop: {prefix: /shop}}
routes:
  - {route: GET /a, reply: {body: a}}
  - {route: GET /b, reply: {body: b}, group: shop}
"""


async def statuses(it: Served) -> list[int]:
    return [(await it.client.get(path)).status_code for path in ("/a", "/shop/b")]


async def test_it_closes_and_opens(tmp_path: Path) -> None:
    """All, a group or a route, at once; and tells what is closed."""
    async with served(tmp_path, ROUTES, Service("none")) as it:
        path = "/v1/maintenance"
        order = {"scope": "group shop", "retry_after": "5m", "detail": "moving"}
        assert (await it.admin.post(path, json=order)).status_code == 200
        assert await statuses(it) == [200, 503]
        answer = await it.client.get("/shop/b")
        assert (answer.headers["retry-after"], answer.json()["code"]) == ("300", "maintenance")
        closed = (await it.admin.get(path)).json()["closed"]
        assert [(one["scope"], one["detail"]) for one in closed] == [("group shop", "moving")]
        gone = await it.admin.request("DELETE", path, json={"scope": "group shop"})
        assert gone.json()["was_closed"] is True
        assert await statuses(it) == [200, 200]
        await it.admin.post(path, json={})
        assert await statuses(it) == [503, 503]


async def test_what_is_no_order_is_refused(tmp_path: Path) -> None:
    """Nor is one that a page of somebody else may have sent."""
    async with served(tmp_path, ROUTES, Service("none")) as it:
        path = "/v1/maintenance"
        for order, status in (
            ({"scope": "nowhere"}, 404),
            ({"retry_after": "5"}, 400),
            ({"scop": "all"}, 422),
        ):
            assert (await it.admin.post(path, json=order)).status_code == status
        assert (await it.admin.post(path, content="{}")).status_code == 415
        foreign = await it.admin.post(path, json={}, headers={"origin": "https://evil.test"})
        assert foreign.status_code == 403
        assert await statuses(it) == [200, 200]
