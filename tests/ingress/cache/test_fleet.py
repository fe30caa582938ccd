"""Several processes with one store."""

from contracts.call import Call, Reply
from contracts.stores import Store
from ingress.cache.fleet import Fleet
from ingress.cache.memory import Order
from tests.ingress.cache.cached import Cached, field, reply
from tests.ingress.cache.stores import store

__all__ = ["store"]


def worker(call: Call) -> Reply:
    return reply(call.path, cache_control="max-age=60", cache_tag="menu")


class Process:
    """A gateway's cache, and its part of the fleet."""

    def __init__(self, store: Store, *, shared: bool) -> None:
        self.cached = Cached(worker)
        self.fleet = Fleet(self.cached.shelf, store, lambda *_: None, shared=shared)

    async def status(self, path: str) -> str:
        return field(await self.cached.get(path), "cache-status")


async def test_what_is_dropped_in_one_is_dropped_in_all(store: Store) -> None:
    """By hand, or by a request that changes something."""
    one, other = (Process(store, shared=False) for _ in range(2))
    for path in ("/a", "/b"):
        assert "uri-miss" in await one.status(path)
        assert "uri-miss" in await other.status(path)
    await one.cached.ask("PUT", "/a")
    await one.fleet.exchange()
    await other.fleet.exchange()
    assert "uri-miss" in await other.status("/a")
    assert "hit" in await other.status("/b")
    one.cached.now += 10
    other.cached.now += 10
    assert one.cached.shelf.drop(Order(at=one.cached.now, tag="menu")) == 1
    await one.fleet.exchange()
    await other.fleet.exchange()
    assert "uri-miss" in await other.status("/b")
    await one.fleet.stop()
    await other.fleet.stop()


async def test_answers_may_be_shared(store: Store) -> None:
    """What one has, the others find in the store; the worker is asked once."""
    one, other = (Process(store, shared=True) for _ in range(2))
    assert "stored" in await one.status("/a")
    await one.fleet.stop()
    assert await other.status("/a") == "queuegate; hit; ttl=60; detail=shared"
    assert await other.status("/a") == "queuegate; hit; ttl=60"
    assert len(other.cached.calls) == 0
    # An answer of no use to this request is no hit.
    assert "fwd" in field(await other.cached.get("/a", cache_control="no-cache"), "cache-status")
    await other.fleet.stop()


async def test_what_was_dropped_is_shared_no_more(store: Store) -> None:
    """Not even by a process that is new."""
    one = Process(store, shared=True)
    await one.status("/a")
    await one.status("/b")
    one.cached.now += 10
    await one.cached.ask("PUT", "/a")
    one.cached.shelf.drop(Order(at=one.cached.now, prefix="/b"))
    await one.fleet.stop()
    new = Process(store, shared=True)
    await new.fleet.exchange()
    assert "uri-miss" in await new.status("/a")
    assert "uri-miss" in await new.status("/b")
    await new.fleet.stop()
