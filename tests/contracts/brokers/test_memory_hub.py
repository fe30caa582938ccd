import pytest

from contracts.brokers.memory_hub import RETRY, MemoryHub
from contracts.brokers.memory_queue import Consumer
from contracts.brokers.port import Message, Queue
from contracts.fault import Fault


class Recorder:
    """A client that only keeps what the hub tells it."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def disconnected(self, reason: str) -> None:
        self.heard.append(f"lost: {reason}")

    def reconnect(self, after: float = 0) -> None:
        self.heard.append(f"connect after {after:g}")

    def tell_blocked(self) -> None:
        self.heard.append("blocked?")


@pytest.fixture
def hub() -> MemoryHub:
    return MemoryHub()


@pytest.fixture
def client(hub: MemoryHub) -> Recorder:
    recorder = Recorder()
    hub.join(recorder)
    return recorder


async def test_bad_days_are_told(hub: MemoryHub, client: Recorder) -> None:
    """A hub tells its clients of stop, start, block, unblock, and cuts them off."""
    hub.stop()
    hub.start()
    hub.block()
    hub.unblock()
    hub.drop(client)
    hub.drop(client, for_good=True)
    hub.stop()
    assert client.heard == [
        "lost: the broker was stopped",
        "connect after 0",
        "blocked?",
        "blocked?",
        "lost: the connection was cut",
        f"connect after {RETRY:g}",
        "lost: the connection was cut",
    ]


async def test_who_consumes_hears_that_the_queue_is_gone(hub: MemoryHub, client: Recorder) -> None:
    """The clients that consume from a deleted queue start anew, and no others."""
    bystander = Recorder()
    hub.join(bystander)
    queue = hub.declare(Queue(name="q"))
    queue.consumers.append(Consumer(queue, print, prefetch=1, owner=client))
    hub.remove("q")
    hub.remove("q")
    assert client.heard == ["lost: a queue was deleted under its consumer", "connect after 0.05"]
    assert bystander.heard == []
    assert hub.queue("q") is None


async def test_routes(hub: MemoryHub) -> None:
    """A message goes to the queue of its routing key; there are no exchanges."""
    queue = hub.declare(Queue(name="q", max_length=1))
    for exchange, key, code in (("", "q", ""), ("", "q", "busy"), ("", "p", "no_route")):
        fault = hub.route(Message(), key, exchange)
        assert (fault.code if fault else "") == code
    missing = hub.route(Message(), "q", "exchange")
    assert missing is not None
    assert missing.code == "no_route"
    assert len(queue.ready) == 1


async def test_exclusive_queues(hub: MemoryHub, client: Recorder) -> None:
    """A queue with an owner can be declared by its owner alone."""
    settings = Queue(name="q")
    assert hub.declare(settings, owner=client) is hub.declare(settings, owner=client)
    with pytest.raises(Fault, match="conflict"):
        hub.declare(settings)
