import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.fault import Fault
from contracts.stores.port import Store
from contracts.stores.sqlite import SQLiteStore
from tests.contracts.stores.contract import StoreContract

_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from contracts.stores.sqlite import SQLiteStore

async def main():
    store = SQLiteStore(Path(sys.argv[1]))
    await store.put("a:1", b"said")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


class TestSQLiteStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        store = SQLiteStore(tmp_path / "state.sqlite")
        yield store
        await store.close()

    @pytest.fixture
    async def peer(self, tmp_path: Path, store: Store) -> AsyncIterator[Store]:
        peer = SQLiteStore(tmp_path / "state.sqlite")
        yield peer
        await peer.close()


async def test_it_is_kept_by_a_process_that_is_killed(tmp_path: Path) -> None:
    """What was acknowledged is there after a SIGKILL, with its version."""
    path = tmp_path / "state.sqlite"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", _KILLED, str(path))
    assert await child.wait() == -9
    store = SQLiteStore(path)
    entry = await store.get("a:1")
    await store.close()
    assert entry is not None
    assert entry.value == b"said"
    assert entry.version == await _generation(path)


async def _generation(path: Path) -> int:
    store = SQLiteStore(path)
    try:
        return await store.generation("a")
    finally:
        await store.close()


async def test_a_full_file_takes_no_more(tmp_path: Path) -> None:
    """What does not fit is refused, and what was there before can be read and deleted."""
    store = SQLiteStore(tmp_path / "state.sqlite", max_bytes=1024**2)
    await store.put("a:1", bytes(500_000))
    with pytest.raises(Fault, match="full"):
        await store.put("a:2", bytes(900_000))
    assert await store.get("a:1") is not None
    assert await store.delete("a:1")
    await store.put("a:2", bytes(500_000))
    await store.close()


async def test_what_has_expired_leaves_the_file(tmp_path: Path) -> None:
    """Entries that expire do not heap up, though nobody ever reads them."""
    now = 1000.0
    store = SQLiteStore(tmp_path / "state.sqlite", max_bytes=1024**2, clock=lambda: now)
    for number in range(40):
        now += 10
        await store.put(f"a:{number}", bytes(100_000), ttl=15)
    await store.close()


async def test_a_clock_that_steps_back_stops_nothing(tmp_path: Path) -> None:
    """When the clock is set back, writes go on and versions still grow."""
    now = 1000.0
    store = SQLiteStore(tmp_path / "state.sqlite", clock=lambda: now)
    first = await store.put("a:1", b"x", ttl=10)
    now = 10.0
    assert await store.put("a:1", b"y", ttl=10) > first
    entry = await store.get("a:1")
    assert entry is not None
    assert entry.expires == 20.0
    await store.close()
