"""Replay of a fleet's journal, which is a stream on a real RabbitMQ."""

from pathlib import Path

import aio_pika
import pytest

from tests.acceptance.test_replay import PLANTED, House, found, housed

CALLS = 600


def on_a_stream(house: House) -> None:
    """Have the journal in a stream of the broker."""
    path = house.folder / "gateway.yaml"
    path.write_text(path.read_text().replace("store: journal.db", "store: 'stream:journal'"))


@pytest.mark.timeout(120)
async def test_a_stream_is_replayed_as_a_file_is(tmp_path: Path, vhost_url: str) -> None:
    """Recorded into a stream, the calls are found, sent, compared and gone on with."""
    async with housed(tmp_path, vhost_url, prepare=on_a_stream) as house:
        await house.call(CALLS)
        words = ("--unsafe", "--limit", str(CALLS), "--concurrency", "64")
        told = await house.counted(CALLS)
        assert told["unsafe"] > CALLS // 4
        told = await house.run("run", "--queue", "shop.v2", *words, "--compare", code=1)
        assert (told["answered"], told["failed"]) == (CALLS, 0)
        assert found(told["comparison"]) == PLANTED
        url = f"http://127.0.0.1:{house.port}"
        told = await house.run("run", "--to", url, *words, "--name", "old", "--compare")
        assert (told["answered"], told["comparison"]["findings"]) == (CALLS, [])
        told = await house.run("resume", "old")
        assert (told["before"], told["sent"]) == (CALLS, 0)


async def test_an_exchange_is_a_way_to_the_new_version(tmp_path: Path, vhost_url: str) -> None:
    """Calls go to an exchange with a routing key, and whoever is bound there answers them."""
    async with housed(tmp_path, vhost_url) as house:
        await house.record(30)
        connection = await aio_pika.connect(vhost_url)
        async with connection:
            channel = await connection.channel()
            queue = await channel.get_queue("shop.v2")
            await queue.bind("amq.direct", "new")
        words = ("--unsafe", "--limit", "30", "--exchange", "amq.direct", "--routing-key")
        told = await house.run("run", *words, "new", "--compare", code=1)
        assert (told["answered"], told["failed"]) == (30, 0)
        assert ("POST /orders", "$.sku", "missing") in found(told["comparison"])
        told = await house.run("run", *words, "nobody", code=1)
        assert set(told["statuses"]) == {"503"}
