import asyncio
from collections.abc import Iterator, Sequence

import aio_pika
import pytest

from contracts.brokers.rabbitmq.stream import RabbitStream
from contracts.deadline import now_ms
from ingress.journal.crypt import Keyring
from ingress.journal.filter import Filter
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError, Record
from ingress.journal.stream.reader import StreamReader
from ingress.journal.stream.store import StreamStore
from tests.ingress.journal.contract import ReaderContract, Written
from tests.ingress.journal.recorded import full, record


def write(url: str, *batches: Sequence[Record]) -> None:
    store = StreamStore(RabbitStream(url, "journal", label="test"), age=None, size=None)
    store.write([])
    for records in batches:
        store.write(records)
    store.close()


def read(url: str, ring: Keyring | None = None) -> StreamReader:
    return StreamReader(RabbitStream(url, "journal", label="test"), (ring or Keyring()).unlock)


class TestStreamReader(ReaderContract):
    @pytest.fixture
    def written(self, vhost_url: str) -> Iterator[Written]:
        opened: list[StreamReader] = []

        def write_and_read(records: Sequence[Record]) -> Reader:
            write(vhost_url, records)
            opened.append(read(vhost_url))
            return opened[-1]

        yield write_and_read
        for reader in opened:
            reader.close()


def test_a_stream_that_is_not_there_is_told(vhost_url: str) -> None:
    """Looking for a journal makes none, and says what is missing."""
    with pytest.raises(JournalError, match="stream:journal: is not there"):
        read(vhost_url)


def test_a_queue_is_not_read(vhost_url: str) -> None:
    """A queue of that name is told, and the calls in it stay where they are."""

    async def calls(publish: int) -> int | None:
        async with await aio_pika.connect(vhost_url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue("journal", durable=True)
            for _ in range(publish):
                await channel.default_exchange.publish(aio_pika.Message(b"call"), queue.name)
            found = await channel.declare_queue("journal", passive=True)
            return found.declaration_result.message_count

    assert asyncio.run(calls(publish=3)) == 3
    with pytest.raises(JournalError, match="journal stream:journal: is a queue and no stream"):
        read(vhost_url)
    assert asyncio.run(calls(publish=0)) == 3


def test_the_newest_are_found_near_the_end(vhost_url: str) -> None:
    """What came within the last minute is enough when it is as much as was asked for."""
    now = now_ms()
    old = [record(number, started=now - 10_000_000 + number) for number in range(50)]
    new = [record(number, started=now - 1000 + number) for number in range(100, 103)]
    write(vhost_url, old, new)
    reader = read(vhost_url)
    assert [one.id for one in reader.find(Filter(), limit=2)] == ["r-102", "r-101"]
    assert len(list(reader.find(Filter(), limit=10))) == 10
    since = Filter(since=now - 5000)
    assert [one.id for one in reader.find(since, oldest=True)] == ["r-100", "r-101", "r-102"]
    reader.close()


def test_an_id_of_a_gateway_says_where_to_look(vhost_url: str) -> None:
    """Its moment narrows the search, and an id that only looks like one is found as well."""
    now = now_ms()
    own, other = f"{now:012x}{'a' * 16}", f"{'0' * 12}{'b' * 16}"
    write(vhost_url, [record(1, id=own, started=now), record(2, id=other, started=now)])
    reader = read(vhost_url)
    assert [one.id for one in reader.get(own)] == [own]
    assert [one.id for one in reader.get(other)] == [other]
    assert reader.get("f" * 28) == []
    reader.close()


def test_what_is_encrypted_is_opened(vhost_url: str) -> None:
    """A reader with the key sees the content, and one without it sees that there is some."""
    ring = Keyring([b"k" * 32])
    write(vhost_url, [ring.seal(full(1))])
    for reader, locked in ((read(vhost_url, ring), False), (read(vhost_url), True)):
        assert reader.get("r-1")[0].locked is locked
        reader.close()
