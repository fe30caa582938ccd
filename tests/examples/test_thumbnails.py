import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Message
from contracts.call import Call, Reply
from contracts.dialects import dialect
from tests.harness.waiting import eventually

PROGRAM = Path(__file__).parents[2] / "examples" / "thumbnails.py"


@pytest.fixture
async def client(vhost_url: str) -> AsyncIterator[Broker]:
    """A broker's client, with the example consuming as a process of its own."""
    environment = {**os.environ, "BROKER_URL": vhost_url}
    process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), env=environment)
    broker = open_broker(vhost_url, name="test")
    broker.start()
    try:
        await broker.ready(10)

        async def consumes() -> bool:
            stats = await broker.stats("thumbnails")
            return stats is not None and stats.consumers == 1

        await eventually(consumes, within=15)
        yield broker
    finally:
        await broker.close()
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)


async def test_a_consumer_that_knows_nothing_of_us_serves_a_raw_route(client: Broker) -> None:
    """It gets the client's bytes, and its bytes, content type and status are the answer."""
    raw, got = dialect("raw"), list[Message]()
    queue = client.replies(got.append)
    await eventually(lambda: queue.name)

    async def ask(number: int, query: str) -> Reply:
        call = Call(
            id=f"r-{number}",
            operation="thumbnails.make",
            query=query,
            headers=(("content-type", "image/png"),),
            body=b"\x89PNG and more",
        )
        message = raw.request(
            call, correlation_id=str(number), reply_to=queue.name, expiration_ms=10_000
        )
        client.publish(message, routing_key="thumbnails")
        await eventually(lambda: len(got) == number)
        assert got[-1].correlation_id == str(number)
        return raw.reply(got[-1])

    good = await ask(1, "width=4")
    assert (good.status, good.body, good.header("content-type")) == (200, b"\x89PNG", "image/png")
    bad = await ask(2, "width=wide")
    assert (bad.status, bad.body) == (400, b"width is a number of pixels")
