import time
from collections.abc import Mapping
from typing import Any

import aio_pika
import pytest
from yarl import URL

from contracts.brokers.rabbitmq.stream import RabbitStream
from contracts.fault import Fault
from tests.harness.ports import free_port
from tests.harness.rabbitmq import PrivateRabbitMQ


async def test_what_was_appended_can_be_read_from_anywhere(vhost_url: str) -> None:
    """From the first, from an offset, from the last chunk, from a moment; and again."""
    stream = RabbitStream(vhost_url, "s", label="test")
    await stream.open()
    await stream.declare(age=3600, size=10**8)
    assert await stream.read("first", most=10) == []
    await stream.append([(b"a", 1), (b"b", 2), (b"c", 3)])
    for begin, expected in (
        ("first", [b"a", b"b", b"c"]),
        (0, [b"a", b"b", b"c"]),
        (2, [b"c"]),
        (time.time() - 60, [b"a", b"b", b"c"]),
    ):
        found = await stream.read(begin, most=10, end=3)
        assert [entry.body for entry in found] == expected
        assert [entry.moment for entry in found] == [1, 2, 3][-len(found) :]
    assert (await stream.read("last", most=10))[-1].offset == 2
    assert [entry.body for entry in await stream.read(0, most=2)] == [b"a", b"b"]
    await stream.close()


async def test_what_is_there_with_other_bounds_is_a_conflict(vhost_url: str) -> None:
    """A stream's bounds are not changed by declaring it again."""
    stream = RabbitStream(vhost_url, "s", label="test")
    await stream.open()
    await stream.declare(age=3600)
    with pytest.raises(Fault) as caught:
        await stream.declare(age=7200)
    assert caught.value.code == "conflict"
    await stream.close()


async def test_what_is_not_there_is_told(vhost_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A stream that nobody declared, and a broker that is away, are faults."""
    stream = RabbitStream(vhost_url, "s", label="test")
    with pytest.raises(Fault) as unopened:
        await stream.append([(b"a", 1)])
    assert unopened.value.code == "broker_down"
    await stream.open()
    with pytest.raises(Fault) as caught:
        await stream.read("first", most=1)
    assert caught.value.code == "no_route"
    await stream.close()
    said = len(caplog.records)
    away = RabbitStream(f"amqp://u:p@127.0.0.1:{free_port()}/", "s", label="test")
    with pytest.raises(Fault) as lost:
        await away.open()
    assert lost.value.code == "broker_down"
    # The fault says it; aiormq's own logger would say it again.
    assert caplog.records[said:] == []
    assert not away.is_open
    assert repr(away) == "<RabbitStream s closed>"


SIZED = {"x-max-length-bytes": 10**7}
STREAM = {"x-queue-type": "stream"}


@pytest.mark.parametrize(
    "arguments",
    [
        STREAM,
        STREAM | SIZED,
        STREAM | {"x-max-age": "7D", "x-queue-leader-locator": "client-local"},
        STREAM | SIZED | {"x-max-age": "1h", "x-stream-max-segment-size-bytes": 10**6},
    ],
    ids=" ".join,
)
async def test_any_stream_is_known_as_one(vhost_url: str, arguments: dict[str, Any]) -> None:
    """However somebody else has declared it, it is a stream, and stays as it is."""
    async with await aio_pika.connect(vhost_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("s", durable=True, arguments=arguments)
        stream = RabbitStream(vhost_url, "s", label="test")
        await stream.open()
        await stream.check()
        await stream.append([(b"a", 1)])
        assert [entry.body for entry in await stream.read("first", most=1)] == [b"a"]
        await stream.close()
        await channel.declare_queue("s", durable=True, arguments=arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        SIZED | {"x-message-ttl": 60_000, "x-dead-letter-exchange": ""},
        {"x-queue-type": "quorum"} | SIZED,
        {"x-single-active-consumer": True},
    ],
    ids=" ".join,
)
async def test_no_queue_is_taken_for_a_stream(vhost_url: str, arguments: Mapping[str, Any]) -> None:
    """What has a stream's name and is a queue is told, and its messages stay untouched."""
    async with await aio_pika.connect(vhost_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("s", durable=True, arguments=dict(arguments))
        await _refused(vhost_url, "is a queue and no stream")
        queue = await channel.declare_queue("s", passive=True)
        assert queue.declaration_result.consumer_count == 0


async def test_a_queue_of_one_client_is_no_stream(vhost_url: str) -> None:
    """Nobody else may look at it: the broker's own words say so."""
    async with await aio_pika.connect(vhost_url) as connection:
        await (await connection.channel()).declare_queue("s", exclusive=True)
        await _refused(vhost_url, "exclusive access")


async def test_a_queue_is_not_read(vhost_url: str) -> None:
    """Who reads without checking is told at the first message, which goes back."""
    async with await aio_pika.connect(vhost_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("s", durable=True)
        await channel.default_exchange.publish(aio_pika.Message(b"a call"), routing_key="s")
        stream = RabbitStream(vhost_url, "s", label="test")
        await stream.open()
        with pytest.raises(Fault, match="conflict"):
            await stream.read("first", most=10)
        await stream.close()
        queue = await channel.get_queue("s")
        message = await queue.get(timeout=5)
        assert message.body == b"a call"


async def test_who_may_not_ask_goes_on(vhost_url: str, rabbitmq: PrivateRabbitMQ) -> None:
    """A user that may write to a stream, and declare nothing, relies on who made it."""
    vhost = vhost_url.rpartition("/")[2]
    maker = RabbitStream(vhost_url, "s", label="test")
    await maker.open()
    await maker.declare(age=3600)
    await maker.close()
    call, name = rabbitmq.management.call, f"writer-{vhost}"
    call("PUT", f"/users/{name}", {"password": "pw", "tags": ""})
    try:
        grant = {"configure": "^$", "write": ".*", "read": ".*"}
        call("PUT", f"/permissions/{vhost}/{name}", grant)
        url = str(URL(vhost_url).with_user(name).with_password("pw"))
        stream = RabbitStream(url, "s", label="test")
        await stream.open()
        await stream.check()
        await stream.append([(b"a", 1)])
        assert len(await stream.read("first", most=1)) == 1
        await stream.close()
    finally:
        call("DELETE", f"/users/{name}")


async def _refused(url: str, why: str) -> None:
    stream = RabbitStream(url, "s", label="test")
    await stream.open()
    with pytest.raises(Fault) as caught:
        await stream.check()
    assert caught.value.code == "conflict"
    assert why in caught.value.detail
    await stream.close()
