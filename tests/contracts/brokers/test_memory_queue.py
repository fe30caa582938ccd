import asyncio
from collections.abc import Callable

import pytest

from contracts.brokers.memory_queue import BATCH, Consumer, Entry, MemoryQueue, dead_letter
from contracts.brokers.port import Delivery, Message, Queue
from tests.contracts.brokers.kit import Inbox
from tests.harness.waiting import eventually

Bury = Callable[[Queue, Entry, str], None]


def make(bury: Bury = lambda *_: None, *, settings: Queue | None = None) -> MemoryQueue:
    return MemoryQueue(settings or Queue(name="q"), bury, lambda *_: None)


def consume(queue: MemoryQueue, inbox: Callable[[Delivery], None], prefetch: int = 0) -> Consumer:
    consumer = Consumer(queue, inbox, prefetch=prefetch, owner=None)
    queue.consumers.append(consumer)
    queue.wake()
    return consumer


async def test_what_comes_back_takes_its_old_place() -> None:
    """Messages that come back in any order stand again in the order of publishing."""
    queue, inbox = make(), Inbox()
    for body in (b"1", b"2", b"3", b"4"):
        queue.put(Message(body=body), "q")
    consumer = consume(queue, inbox, prefetch=3)
    await inbox.wait(3)
    queue.remove(consumer, give_back=False)
    for place in (1, 0, 2):
        inbox.deliveries[place].reject(requeue=True)
    assert [entry.message.body for entry in queue.ready] == [b"1", b"2", b"3", b"4"]


async def test_a_long_queue_lets_others_have_a_turn() -> None:
    """One turn of the event loop brings no more than a batch, even to who rejects all the time."""
    queue, seen = make(), list[int]()

    def hot(delivery: Delivery) -> None:
        seen.append(1)
        delivery.reject(requeue=True)

    queue.put(Message(), "q")
    consumer = consume(queue, hot)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert BATCH <= len(seen) <= 2 * BATCH
    queue.remove(consumer, give_back=True)


async def test_the_head_expires_without_a_consumer() -> None:
    """The head expires in time though nobody consumes, and then the next one does."""
    dead: list[bytes] = []
    queue = make(lambda _, entry, why: dead.append(entry.message.body + why.encode()))
    queue.put(Message(body=b"1", expiration_ms=20), "q")
    queue.put(Message(body=b"2", expiration_ms=10), "q")
    await eventually(lambda: len(dead) == 2)
    assert dead == [b"1expired", b"2expired"]


async def test_full_counts_what_nobody_would_take() -> None:
    """A queue is full when more waits than its limit, but for what consumers take at once."""
    queue = make(settings=Queue(name="q", max_length=1))
    assert not queue.full
    queue.put(Message(), "q")
    assert queue.full
    consumer = consume(queue, Inbox(), prefetch=2)
    assert not queue.full
    queue.remove(consumer, give_back=False)
    queue.drop()


async def test_a_dropped_queue_delivers_nothing() -> None:
    """After a drop nothing is delivered and settling does nothing."""
    queue, inbox = make(), Inbox()
    queue.put(Message(), "q")
    consume(queue, inbox)
    (delivery,) = await inbox.wait()
    queue.drop()
    delivery.reject(requeue=True)
    assert (len(queue.ready), queue.deleted) == (0, True)
    assert repr(delivery).endswith("settled>")


@pytest.mark.parametrize("times", [1, 2])
async def test_deaths_are_counted(times: int) -> None:
    """A dead letter says where, why and how often it died, the last death first."""
    message = Message(headers={"a": 1}, expiration_ms=5)
    for _ in range(times):
        entry = Entry(message, "key", 0, 0)
        message = dead_letter(Queue(name="q"), entry, "expired")
    death = message.headers["x-death"]
    assert len(death) == 1
    assert (death[0]["count"], death[0]["queue"], death[0]["reason"]) == (times, "q", "expired")
    assert death[0]["routing-keys"] == ["key"]
    assert (message.headers["a"], message.expiration_ms) == (1, None)
    other = dead_letter(Queue(name="p"), Entry(message, "key", 0, 0), "rejected")
    assert [one["queue"] for one in other.headers["x-death"]] == ["p", "q"]
    assert other.headers["x-first-death-queue"] == "q"
