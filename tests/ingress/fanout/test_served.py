"""Several operations for one request, from HTTP to the workers."""

import asyncio
from pathlib import Path

from tests.harness.waiting import eventually
from tests.ingress.served import Served, served
from workers.service import Service

ROUTES = """
routes:
  - route: GET /all/{id}
    timeout: 300ms
    fan_out: {need: best_effort, branches: {a: {operation: s.a}, b: {operation: t.b}}}
  - route: GET /strict/{id}
    fan_out: {branches: {a: {operation: s.a}, no: {operation: nobody.there}}}
"""


async def check(folder: Path, url: str) -> None:
    one, other, slow = Service("s"), Service("t"), asyncio.Event()

    @one.operation
    async def a(id: str) -> dict[str, str]:  # noqa: A002 - the parameter's name
        return {"id": id}

    @other.operation
    async def b() -> list[int]:
        if slow.is_set():
            await asyncio.sleep(30)
        return [1, 2]

    async with served(folder, ROUTES, one, other, url=url) as it:
        await eventually(lambda: _whole(it))
        assert (await it.client.get("/all/7")).json() == {"a": {"id": "7"}, "b": [1, 2]}
        slow.set()
        late = (await it.client.get("/all/7")).json()
        assert late["a"] == {"id": "7"}
        assert late["partial"]["b"]["status"] == 504
        strict = await it.client.get("/strict/7")
        assert (strict.status_code, strict.json()["branch"]) == (503, "no")
        assert await it.metric('queuegate_breaker_state{route="GET /all/{id} +b"}') == 0


async def test_on_the_embedded_broker(tmp_path: Path) -> None:
    """One deadline for all, and a partial answer where that is enough."""
    await check(tmp_path, "memory://")


async def test_on_rabbitmq(tmp_path: Path, vhost_url: str) -> None:
    """The same."""
    await check(tmp_path, vhost_url)


async def _whole(it: Served) -> bool:
    answer = await it.client.get("/all/7")
    return answer.status_code == 200 and "partial" not in answer.json()
