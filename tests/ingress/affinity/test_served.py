"""All calls of one key to one consumer, in their order, from HTTP to the workers."""

import asyncio
import random
from collections import defaultdict
from pathlib import Path

import aio_pika
from pamqp.common import FieldTable

from tests.harness.waiting import eventually
from tests.ingress.served import Served, served
from workers.context import Context
from workers.service import Service

ROUTES = """
routes:
  - route: POST /a/{id}/{n:int}
    operation: s.o
    accept: true
    affinity: {by: ["path:id"], lanes: 3}
"""

Seen = dict[str, list[tuple[str, str]]]


def service(who: str, seen: Seen) -> Service:
    made = Service("s", lanes=3)

    @made.operation
    async def o(ctx: Context, id: str, n: str) -> None:  # noqa: A002 - the parameter's name
        # The later ones are quicker, so that what runs side by side would be out of order.
        await asyncio.sleep(random.uniform(0, 0.004))
        seen[id].append((who, n))

    return made


HASHED = """
routes:
  - route: POST /a/{id}/{n:int}
    operation: s.o
    exchange: by-key
    accept: true
    affinity: {by: ["path:id"]}
"""


async def check(folder: Path, url: str, routes: str = ROUTES) -> None:
    seen: Seen = defaultdict(list)
    workers = service("one", seen), service("two", seen)
    async with served(folder, routes, *workers, url=url) as it:
        await eventually(lambda: _is_up(it))
        keys = [f"k{number}" for number in range(6)]

        async def ask(key: str) -> None:
            for number in range(15):
                # Accepted, and not waited for: they all lie in the queue.
                answer = await it.client.post(f"/a/{key}/{number}")
                assert answer.status_code == 202

        await asyncio.gather(*(ask(key) for key in keys))
        await eventually(lambda: _all(seen, keys))
    for key in keys:
        assert [int(n) for _, n in seen[key]] == list(range(15)), key
        assert len({who for who, _ in seen[key]}) == 1


async def test_on_the_embedded_broker(tmp_path: Path) -> None:
    """Two workers share the lanes, and each key has one of them."""
    await check(tmp_path, "memory://")


async def test_on_rabbitmq(tmp_path: Path, vhost_url: str) -> None:
    """By single active consumers."""
    await check(tmp_path, vhost_url)


async def test_by_a_consistent_hash_exchange(tmp_path: Path, vhost_url: str) -> None:
    """RabbitMQ divides by the routing key, which is the same for the same key."""
    connection = await aio_pika.connect(vhost_url)
    async with connection, connection.channel() as channel:
        exchange = await channel.declare_exchange("by-key", "x-consistent-hash", durable=True)
        for number in range(3):
            arguments: FieldTable = {"x-single-active-consumer": True}
            name = f"s.{number}"
            queue = await channel.declare_queue(name, durable=True, arguments=arguments)
            await queue.bind(exchange, "10")
    await check(tmp_path, vhost_url, HASHED)


async def _is_up(it: Served) -> bool:
    """Whether every lane is there: twelve keys are in all three."""
    answers = [await it.client.post(f"/a/up{number}/1") for number in range(12)]
    return all(answer.status_code == 202 for answer in answers)


async def _all(seen: Seen, keys: list[str]) -> bool:
    return all(len(seen[key]) == 15 for key in keys)
