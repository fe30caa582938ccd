import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.fault import Fault
from contracts.stores.sqlite import thread as module
from contracts.stores.sqlite.thread import DatabaseThread
from tests.harness.waiting import eventually


@pytest.fixture
async def thread(tmp_path: Path) -> AsyncIterator[DatabaseThread]:
    thread = DatabaseThread(tmp_path / "x.sqlite", max_bytes=1024**2, timeout=0.3)
    yield thread
    await thread.close()


async def test_it_is_another_thread(thread: DatabaseThread) -> None:
    """No function of the database runs on the event loop's thread."""
    idents = await thread.run(lambda _: threading.get_ident())
    assert idents != threading.get_ident()


async def test_what_comes_together_is_one_transaction(thread: DatabaseThread) -> None:
    """Functions of one turn share a transaction, and each hears of its own result."""
    await thread.run(lambda _: None)
    held = threading.Event()
    first = asyncio.create_task(thread.run(lambda _: held.wait(5)))
    await asyncio.sleep(0)
    counts: list[int] = []

    def count(database: sqlite3.Connection) -> int:
        counts.append(database.in_transaction)
        return len(counts)

    others = [asyncio.create_task(thread.run(count)) for _ in range(5)]
    await asyncio.sleep(0)
    held.set()
    assert await asyncio.gather(first, *others) == [True, 1, 2, 3, 4, 5]


async def test_a_lock_of_another_process_is_not_waited_for_long(
    thread: DatabaseThread, tmp_path: Path
) -> None:
    """While somebody else keeps the file locked, an operation fails within its time."""
    await thread.run(lambda _: None)
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(Fault, match="store_down"):
        await thread.run(lambda _: None)
    assert time.monotonic() - began < 2
    assert await thread.run(lambda _: "read", writes=False) == "read"
    other.execute("COMMIT")
    other.close()
    assert await thread.run(lambda _: "written") == "written"


async def test_what_nobody_waits_for_does_not_happen(thread: DatabaseThread) -> None:
    """A function whose caller was told that it failed is not run after."""
    held = threading.Event()
    ran = []
    blocking = asyncio.create_task(thread.run(lambda _: held.wait(5)))
    await eventually(lambda: thread._thread is not None and not thread._jobs.qsize())
    late = asyncio.create_task(thread.run(lambda _: ran.append(1)))
    with pytest.raises(Fault, match=r"no answer in 0\.3 s"):
        await late
    held.set()
    await asyncio.gather(blocking, return_exceptions=True)
    await thread.run(lambda _: None)
    assert ran == []


async def test_a_function_that_fails_takes_its_transaction_along(thread: DatabaseThread) -> None:
    """What fails is rolled back and told, and the next one finds all in order."""
    await thread.run(lambda db: db.execute("INSERT INTO spaces VALUES ('a', 1)"))

    def fails(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM spaces")
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(Fault, match="disk I/O error"):
        await thread.run(fails)
    count = "SELECT count(*) FROM spaces"
    assert await thread.run(lambda db: db.execute(count).fetchone()) == (1,)


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A file that cannot be opened is a store that is down, and one that can later is not."""
    thread = DatabaseThread(tmp_path / "no" / "x.sqlite", max_bytes=1024**2, timeout=1)
    with pytest.raises(Fault, match="unable to open"):
        await thread.run(lambda _: None)
    (tmp_path / "no").mkdir()
    await thread.run(lambda _: None)
    await thread.close()
    with pytest.raises(Fault, match="closed"):
        await thread.run(lambda _: None)


async def test_it_does_not_heap_up_work(
    thread: DatabaseThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When too many wait already, the next one is refused at once."""
    monkeypatch.setattr(module, "_MOST_WAITING", 2)
    held = threading.Event()
    blocking = asyncio.create_task(thread.run(lambda _: held.wait(5)))
    await eventually(lambda: thread._thread is not None and not thread._jobs.qsize())
    waiting = [asyncio.create_task(thread.run(lambda _: 1)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Fault, match="too slow"):
        await thread.run(lambda _: None)
    held.set()
    assert await asyncio.gather(blocking, *waiting) == [True, 1, 1]
