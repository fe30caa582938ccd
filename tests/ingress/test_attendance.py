"""Who consumes from a queue, and how often the broker is asked."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Delivery, Queue, QueueStats
from contracts.fault import Fault
from ingress import attendance
from ingress.attendance import Attendance
from tests.harness.waiting import eventually


class Counting(MemoryBroker):
    """A broker that counts the questions, and answers what the test says."""

    def __init__(self) -> None:
        super().__init__(MemoryHub())
        self.asked = 0
        self.consumers: int | Fault | None = 1

    async def stats(self, queue: str) -> QueueStats | None:
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(self.consumers, Fault):
            raise self.consumers
        return None if self.consumers is None else QueueStats(0, self.consumers)


@contextmanager
def attending(broker: Broker) -> Iterator[tuple[Attendance, list[tuple[str, int]]]]:
    heard: list[tuple[str, int]] = []
    watch = Attendance(broker, lambda queue, count: heard.append((queue, count)))
    yield watch, heard
    watch.close()


@pytest.fixture(params=["memory", "rabbitmq"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    """A broker of each kind, with the queue ``q`` on it."""
    url = "memory://" if request.param == "memory" else request.getfixturevalue("vhost_url")
    client = open_broker(url, name="attendance", hub=MemoryHub())
    client.start()
    await client.ready(10)
    await client.declare(Queue(name="q"))
    yield client
    await client.close()


def ignore(_: Delivery) -> None: ...


async def test_it_counts_consumers(broker: Broker) -> None:
    """As many as there are; nothing of a queue that is not there."""
    with attending(broker) as (watch, heard):
        assert watch.known("q") is None
        assert await watch.look("q") == 0
        subscription = await broker.consume("q", ignore, prefetch=1)
        assert await watch.look("q") == 1
        assert watch.known("q") == 1
        await subscription.cancel()
        assert await watch.look("q") == 0
        assert await watch.look("missing") is None
        assert heard == [("q", 0), ("q", 1), ("q", 0)]


async def test_one_question_at_a_time() -> None:
    """However many wait for the answer, and whoever of them leaves."""
    broker = Counting()
    with attending(broker) as (watch, _):
        tasks = [asyncio.create_task(watch.look("q")) for _ in range(50)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        assert await asyncio.gather(*tasks[1:]) == [1] * 49
        assert broker.asked == 1


async def test_a_count_is_believed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer that somebody is there than that nobody is."""
    broker, now = Counting(), 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with attending(broker) as (watch, _):
        await watch.look("q")
        now += attendance.BELIEVED - 0.01
        assert watch.known("q") == 1
        now += 0.02
        assert watch.known("q") is None
        assert watch.counts() == {"q": 1}
        broker.consumers = 0
        await watch.look("q")
        now += attendance.DOUBTED - 0.01
        assert watch.known("q") == 0
        now += 0.02
        assert watch.known("q") is None


async def test_it_looks_again_while_calls_are_on_their_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And no longer: without calls the broker is left alone."""
    monkeypatch.setattr(attendance, "EVERY", 0.01)
    broker = Counting()
    with attending(broker) as (watch, heard):
        watch.enter("q")
        watch.enter("q")
        await eventually(lambda: len(heard) >= 3)
        watch.leave("q")
        watch.leave("q")
        await eventually(lambda: watch._queues["q"].timer is None)
        assert repr(watch) == "<Attendance q 1>"


async def test_a_broker_that_is_away_tells_nothing() -> None:
    """That nobody answers is not that nobody consumes."""
    broker = Counting()
    broker.consumers = Fault("broker_down")
    with attending(broker) as (watch, heard):
        assert await watch.look("q") is None
        assert (watch.known("q"), heard) == (None, [])
        assert repr(Attendance(broker, lambda *_: None)) == "<Attendance of nothing>"
