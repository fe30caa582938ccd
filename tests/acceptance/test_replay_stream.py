"""Replay of a fleet's journal, which is a stream on a real RabbitMQ."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import aio_pika
import pytest

from ingress.journal.filter import Filter
from tests.acceptance.test_replay import PLANTED, House, found, housed
from tests.harness.waiting import eventually

# Fewer than of a file, and with noise alone, for the time it takes. With
# QUEUEGATE_STREAM_CALLS=10000 there are as many, with noise and without.
CALLS = int(os.environ.get("QUEUEGATE_STREAM_CALLS", "600"))
NOISES = ("1", "") if CALLS > 600 else ("1",)


def on_a_stream(house: House) -> None:
    """Have the journal in a stream of the broker."""
    house.keep_in("stream:journal")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("noise", NOISES)
async def test_a_stream_is_replayed_as_a_file_is(
    tmp_path: Path, vhost_url: str, noise: str
) -> None:
    """Recorded into a stream, the calls are found, sent, compared and gone on with."""
    ignored = ("--ignore", "$.served_at", "--ignore", "$.trace") if noise else ()
    async with housed(tmp_path, vhost_url, prepare=on_a_stream, NOISE=noise) as house:
        await house.record(CALLS)
        words = ("--unsafe", "--limit", str(CALLS), "--concurrency", "64", "--compare", *ignored)
        told = await house.run("run", "--dry-run", "--limit", str(CALLS))
        assert told["unsafe"] > CALLS // 4
        told = await house.run("run", "--queue", "shop.v2", *words, "--name", "new", code=1)
        assert (told["answered"], told["failed"]) == (CALLS, 0)
        assert found(told["comparison"]) == PLANTED
        url = f"http://127.0.0.1:{house.port}"
        named = (*words, "--name", "old", "--rate", f"{CALLS // 3}/s")
        await _stopped(house, "run", "--to", url, *named)
        told = await house.run("resume", "old", "--compare", *ignored)
        assert told["before"] > 0
        assert (told["before"] + told["sent"], told["failed"]) == (CALLS, 0)
        assert told["comparison"]["findings"] == []
        await eventually(lambda: _sent_once(house, "old"), 20)
        told = await house.run("resume", "old")
        assert (told["before"], told["sent"]) == (CALLS, 0)
        report = await house.run("compare", "new", "--noise", "old", code=1)
        assert found(report) == PLANTED
        noisy = {"$.served_at", "$.trace.id"} if noise else set()
        assert {one["path"] for one in report["noise"]} == noisy


async def _stopped(house: House, *words: str) -> None:
    """Begin a replay, and press Ctrl-C once it has sent some."""
    with house.start("replay", *words) as child:

        async def sends() -> bool:
            return len(await house.records(Filter(run="old"))) > 10

        await eventually(sends, 20, "some calls are sent")
        child.send(signal.SIGINT)
        assert await asyncio.to_thread(child.wait) == 130


async def _sent_once(house: House, run: str) -> bool:
    sent = Counter(one.replay_of for one in await house.records(Filter(run=run)))
    assert set(sent.values()) <= {1}
    return len(sent) == CALLS


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
