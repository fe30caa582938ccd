"""Routes of one path, and a cache."""

from pathlib import Path

from tests.harness.waiting import eventually
from tests.ingress.served import Served, served
from workers.service import Service

ROUTES = """
defaults: {cache: {ttl: 60s}}
versions: {ask: [header:x-v], default: "1", known: {"1": {}, "2": {}}}
routes:
  - {route: GET /a, operation: s.plain}
  - {route: GET /a, operation: s.beta, match: {headers: {x-beta: "1"}}}
  - {route: GET /v, operation: s.plain, version: "1"}
  - {route: GET /v, operation: s.beta, version: "2"}
  - route: GET /n
    operation: s.plain
    variants: {n: {operation: s.beta, headers: {x-beta: "1"}}}
"""


async def test_what_one_route_answered_is_not_the_answer_of_another(tmp_path: Path) -> None:
    """By condition, version or variant: each has its own, and keeps it."""
    shop = Service("s")

    @shop.operation
    async def plain() -> str:
        return "plain"

    @shop.operation
    async def beta() -> str:
        return "beta"

    async with served(tmp_path, ROUTES, shop) as it:
        await eventually(lambda: _is_up(it))
        for path, field in (("/a", "x-beta"), ("/v", "x-v"), ("/n", "x-beta")):
            headers = {field: "2" if field == "x-v" else "1"}
            for _ in range(2):
                assert (await it.client.get(path)).text == "plain"
                assert (await it.client.get(path, headers=headers)).text == "beta"
        again = await it.client.get("/a", headers={"x-beta": "1"})
        assert "hit" in again.headers["cache-status"]


async def _is_up(it: Served) -> bool:
    return (await it.client.get("/a")).status_code == 200
