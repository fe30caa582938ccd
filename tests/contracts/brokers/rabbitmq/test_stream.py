import time

import pytest

from contracts.brokers.rabbitmq.stream import RabbitStream
from contracts.fault import Fault
from tests.harness.ports import free_port


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
