"""Variants and mirrors, from HTTP to the workers."""

import asyncio
from collections import Counter
from pathlib import Path

from tests.harness.waiting import eventually
from tests.ingress.served import served
from workers.context import Context
from workers.service import Service

ROUTES = """
journal: {store: journal.db, interval: 10ms}
routes:
  - route: GET /a
    operation: s.o
    variants: {next: {queue: s.next, weight: 20%, headers: {x-canary: always}}}
    sticky: [header:x-user]
    mirror: {queue: s.shadow, operation: s.copied}
"""


def service(queue: str, seen: list[str]) -> Service:
    made = Service("s", queue=queue)

    @made.operation
    async def o(ctx: Context) -> str:
        return f"{queue} {ctx.call.route}"

    @made.operation
    async def copied(ctx: Context) -> str:
        seen.append(f"{ctx.mirror} {ctx.call.mirror} {ctx.call.path}")
        raise ValueError("what a mirror does is nobody's trouble")

    return made


async def check(folder: Path, url: str) -> None:
    seen: list[str] = []
    queues = ("s", "s.next", "s.shadow")
    async with served(folder, ROUTES, *(service(q, seen) for q in queues), url=url) as it:

        async def ask(user: int, **headers: str) -> str:
            answer = await it.client.get("/a", headers={"x-user": str(user), **headers})
            return answer.text

        await eventually(lambda: _starts(ask(0), "s"))
        first = [await ask(user) for user in range(200)]
        again = await asyncio.gather(*(ask(user) for user in range(200)))
        assert first == list(again)
        counts = Counter(first)
        assert set(counts) == {"s GET /a", "s.next GET /a ~next"}
        assert 15 < counts["s.next GET /a ~next"] < 70
        assert await ask(0, **{"x-canary": "always"}) == "s.next GET /a ~next"
        await eventually(lambda: _is(lambda: len(seen) >= 401))
        assert set(seen) == {"True GET /a /a", "True GET /a ~next /a"}
        assert await it.metric('queuegate_mirrored_total{outcome="sent",route="GET /a"}') > 300
        assert await it.metric('queuegate_requests_total{code="",route="GET /a ~next"') > 30
        assert 'route="GET /a ~next"' in it.log.getvalue() or "GET /a ~next" in it.log.getvalue()
        records = (await it.admin.get("/v1/journal", params={"route": "GET /a ~next"})).json()
        assert records


async def test_on_the_embedded_broker(tmp_path: Path) -> None:
    """Shares, stickiness, who answered in log, metrics and journal; copies marked and counted."""
    await check(tmp_path, "memory://")


async def test_on_rabbitmq(tmp_path: Path, vhost_url: str) -> None:
    """The same; the answers of a mirror go nowhere."""
    await check(tmp_path, vhost_url)


async def _starts(text: object, start: str) -> bool:
    return str(await text).startswith(start)  # type: ignore[misc]


async def _is(true: object) -> bool:
    return bool(true())  # type: ignore[operator]
