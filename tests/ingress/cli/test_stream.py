"""A journal in a stream, as the commands meet it: what is wrong with it, and what is not there."""

import asyncio
from pathlib import Path

import aio_pika
import msgspec
import pytest

from contracts.brokers.rabbitmq.stream import RabbitStream
from ingress.journal.stream.store import StreamStore
from tests.harness.ports import free_port
from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.recorded_shop import call

REPLAY = ("replay", "run", "--to", "http://127.0.0.1:1")


@pytest.fixture
def folder(cli: Cli, tmp_path: Path, vhost_url: str) -> Path:
    """A folder whose route file has a journal in a stream, which nobody has written yet."""
    (tmp_path / "gateway.yaml").write_text(
        f"broker: {vhost_url}\njournal: {{store: 'stream:journal'}}\n"
        "routes: [{route: POST /v1/orders, operation: shop.create}]\n"
    )
    return tmp_path


async def append(url: str, body: bytes) -> None:
    """Write a message of anybody's into a stream that has nothing else."""
    stream = RabbitStream(url, "journal", label="test")
    await stream.open()
    async with await aio_pika.connect(url) as connection:
        await (await connection.channel()).queue_delete("journal")
    await stream.declare()
    await stream.append([(body, 1)])
    await stream.close()


def write(url: str) -> None:
    """Have a stream with four records in it."""
    store = StreamStore(RabbitStream(url, "journal", label="test"), age=None, size=None)
    store.write([call(number) for number in range(4)])
    store.close()


@pytest.mark.parametrize("words", [("log", "list"), REPLAY], ids=["log", "replay"])
def test_a_stream_that_cannot_be_read_is_told(
    cli: Cli, folder: Path, vhost_url: str, words: tuple[str, ...]
) -> None:
    """No stream, a queue in its place, and no broker: each is exit code 1, with what to do."""

    async def declare() -> None:
        async with await aio_pika.connect(vhost_url) as connection:
            await (await connection.channel()).declare_queue("orders", durable=True)

    asyncio.run(declare())
    away = f"amqp://guest:s3cret@127.0.0.1:{free_port()}/"
    for more, said in (
        ((), "journal stream:journal: is not there: has a gateway run with it"),
        (("--journal", "stream:orders"), "journal stream:orders: is a queue and no stream"),
        (("--broker", away), "journal stream:journal: "),
    ):
        told = cli(*words, *more)
        assert (told.code, told.out) == (1, "")
        assert said in told.err
        assert "s3cret" not in told.err


def test_what_is_not_in_a_stream_is_told(cli: Cli, folder: Path, vhost_url: str) -> None:
    """A wrong filter and an empty result end as they do with a file."""
    write(vhost_url)
    for words, code, said in (
        (("log", "list", "--status", "6xx"), 2, "a status is written"),
        (("log", "list", "--since", "1m", "--status", "5xx"), 0, "no record"),
        ((*REPLAY, "--since", "soon"), 2, "a moment is written"),
        ((*REPLAY, "--id", "nobody"), 3, "nothing to replay"),
    ):
        told = cli(*words)
        assert (told.code, told.out) == (code, "")
        assert said in told.err


def test_a_record_of_another_format_is_told(cli: Cli, folder: Path, vhost_url: str) -> None:
    """It is exit code 1 with the format's number, for finding and for replaying alike."""
    for body, said, words in (
        (b"\x01" + msgspec.msgpack.encode([b"\x09\x90"]), "a record has format 9", REPLAY),
        (b"\x01" + msgspec.msgpack.encode([b"\x00\x90"]), "a record has format 0", ("log", "list")),
        (b"\x09", "is no batch of records, or of a newer format", ("log", "list")),
    ):
        asyncio.run(append(vhost_url, body))
        told = cli(*words)
        assert told.code == 1
        assert said in told.err
