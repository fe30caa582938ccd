from collections.abc import AsyncIterator

import pytest

from contracts.fault import Fault
from contracts.stores.memory import MemoryStore
from contracts.stores.port import Store
from tests.contracts.stores.contract import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[Store]:
        store = MemoryStore()
        yield store
        await store.close()

    @pytest.fixture
    def peer(self, store: Store) -> Store:
        return store


async def test_a_full_store_takes_no_more() -> None:
    """What does not fit is refused, and what was there before is still there."""
    store = MemoryStore(max_bytes=1000)
    await store.put("a:1", bytes(500))
    with pytest.raises(Fault, match="full"):
        await store.put("a:2", bytes(500))
    with pytest.raises(Fault, match="full"):
        await store.put("a:1", bytes(1000))
    assert await store.get("a:1") is not None
    await store.put("a:1", bytes(700))
    await store.delete("a:1")
    await store.put("a:2", bytes(700))


async def test_what_has_expired_makes_room() -> None:
    """A full store forgets what has expired before it refuses, and refuses no more then."""
    now = 1000.0
    store = MemoryStore(max_bytes=1000, clock=lambda: now)
    await store.put("a:1", bytes(500), ttl=10)
    now = 1010.0
    await store.put("a:2", bytes(500))
    assert repr(store) == "<MemoryStore 1 entries, 703 bytes>"


async def test_what_nobody_asks_for_is_forgotten_too() -> None:
    """Entries that expire do not heap up, though nobody ever reads them."""
    now = 1000.0
    store = MemoryStore(clock=lambda: now)
    for number in range(10_000):
        now += 1
        await store.put(f"a:{number}", b"x", ttl=100)
    assert len(store._entries) < 1000
