import asyncio

import aio_pika
import pytest

from contracts.brokers.rabbitmq.stream import RabbitStream
from ingress.journal.crypt import Keyring
from ingress.journal.filter import Filter
from ingress.journal.record import JournalError
from ingress.journal.stream.reader import StreamReader
from ingress.journal.stream.store import StreamStore
from tests.harness.ports import free_port
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import wait_until
from tests.ingress.journal.recorded import record


def store_of(url: str, age: float | None = None, size: int | None = None) -> StreamStore:
    return StreamStore(RabbitStream(url, "journal", label="test"), age=age, size=size)


def count(url: str) -> int:
    reader = StreamReader(RabbitStream(url, "journal", label="test"), Keyring().unlock)
    try:
        return reader.count(Filter())
    finally:
        reader.close()


def test_what_is_written_is_confirmed(vhost_url: str) -> None:
    """When a write returns, the records can be read, and it tells their bytes."""
    store = store_of(vhost_url, age=3600, size=10**8)
    assert store.write([record(1), record(2)]) > 100
    assert store.write([]) == 0
    assert count(vhost_url) == 2
    assert not store.tidy()
    store.close()


def test_a_stream_that_is_there_keeps_its_bounds(vhost_url: str) -> None:
    """Another retention in the route file is no reason not to write."""
    for age in (3600, 7200):
        store = store_of(vhost_url, age=age)
        store.write([record(1)])
        store.close()
    assert count(vhost_url) == 2


def test_no_record_is_written_into_a_queue(vhost_url: str) -> None:
    """A queue of that name is somebody's work: that is told, and it gets no message."""
    assert asyncio.run(messages_of_queue(vhost_url)) == 0
    store = store_of(vhost_url, age=3600, size=10**8)
    for _ in range(2):
        with pytest.raises(JournalError, match="journal stream:journal: is a queue and no stream"):
            store.write([record(1)])
    store.close()
    assert asyncio.run(messages_of_queue(vhost_url)) == 0


async def messages_of_queue(url: str) -> int | None:
    """Have a queue with the journal's name, and tell how many messages are in it."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("journal", durable=True)
        return queue.declaration_result.message_count


def test_a_broker_that_is_not_there_is_told() -> None:
    """The error names the stream, and never the password."""
    store = store_of(f"amqp://user:s3cret@127.0.0.1:{free_port()}/")
    with pytest.raises(JournalError, match="journal stream:journal: ") as caught:
        store.write([record(1)])
    assert "s3cret" not in str(caught.value)
    store.close()


def test_it_connects_again_after_a_loss(vhost_url: str, rabbitmq: PrivateRabbitMQ) -> None:
    """A connection that was lost costs an attempt at most, and no record."""
    store = store_of(vhost_url)
    store.write([record(1)])
    rabbitmq.close_connections(vhost_url.rpartition("/")[2])

    def written() -> bool:
        try:
            return bool(store.write([record(2)]))
        except JournalError:
            return False

    wait_until(written, 20)
    assert count(vhost_url) >= 2
    store.close()
