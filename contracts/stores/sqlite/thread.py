"""One thread that owns an SQLite connection: what comes together is one transaction."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

from contracts.fault import Fault

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]


class _Job(NamedTuple):
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Any]"
    work: Work
    writes: bool


# More that wait mean a disk that does not answer: who comes then is told so at once.
_MOST_WAITING: Final = 10_000
# So many jobs share a transaction at the most.
_BATCH: Final = 500

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL,
    version INTEGER NOT NULL,
    expires REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_expire ON entries (expires) WHERE expires > 0;
CREATE TABLE IF NOT EXISTS spaces (name TEXT NOT NULL PRIMARY KEY, generation INTEGER NOT NULL)
    WITHOUT ROWID;
"""


class DatabaseThread:
    """Runs functions of the connection, many in one transaction: ``await thread.run(work)``.

    The file is opened with the first of them. Nothing that the disk does can hold up the event
    loop, and who waits longer than ``timeout`` seconds is told ``store_down``.
    """

    def __init__(self, path: Path, *, max_bytes: int, timeout: float) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"<DatabaseThread {self._path}>"

    async def run(self, work: Callable[[sqlite3.Connection], T], *, writes: bool = True) -> T:
        """Run it in a transaction; raises only ``store_down``.

        What comes together either happens or fails together.
        """
        if self._closed:
            raise Fault("store_down", "the store is closed")
        if self._jobs.qsize() >= _MOST_WAITING:
            raise Fault("store_down", "the store is too slow")
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="store", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._jobs.put(_Job(loop, done, work, writes))
        try:
            async with asyncio.timeout(self._timeout):
                return cast("T", await done)
        except TimeoutError:
            raise Fault("store_down", f"no answer in {self._timeout:g} s") from None

    async def close(self) -> None:
        """End the thread, after what was handed to it."""
        self._closed = True
        if self._thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join, self._timeout)

    def _loop(self) -> None:
        going = True
        while going:
            batch = [self._jobs.get()]
            with contextlib.suppress(queue.Empty):
                while len(batch) < _BATCH:
                    batch.append(self._jobs.get_nowait())
            going = None not in batch
            # Nobody waits any more for what was cancelled: it must not happen behind their back.
            self._transact([job for job in batch if job is not None and not job.done.cancelled()])
        if self._connection is not None:
            self._connection.close()

    def _transact(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            connection = self._open()
            # Readers do not wait for another process that writes.
            writes = any(job.writes for job in jobs)
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            results = [job.work(connection) for job in jobs]
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait hear of it
            self._roll_back()
            for job in jobs:
                _tell(job, Fault("store_down", _sentence(error)), None)
        else:
            for job, result in zip(jobs, results, strict=True):
                _tell(job, None, result)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None)
            try:
                # A killed process loses nothing; a power cut may lose the last transactions.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                (page,) = connection.execute("PRAGMA page_size").fetchone()
                connection.execute(f"PRAGMA max_page_count = {self._max_bytes // page}")
                connection.executescript(SCHEMA)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _roll_back(self) -> None:
        """Begin anew with the next job, with a connection that knows of nothing."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()


def _sentence(error: Exception) -> str:
    if isinstance(error, sqlite3.Error) and "full" in str(error):
        return "the store is full"
    return f"the store cannot be used: {error}"


def _tell(job: _Job, fault: Fault | None, result: object) -> None:
    def settle() -> None:
        if job.done.done():
            return
        if fault is None:
            job.done.set_result(result)
        else:
            job.done.set_exception(fault)

    # The loop may have ended meanwhile: then nobody waits.
    with contextlib.suppress(RuntimeError):
        job.loop.call_soon_threadsafe(settle)
