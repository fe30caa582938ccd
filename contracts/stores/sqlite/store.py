"""A store in an SQLite file: shared by the processes of one machine, and kept over restarts."""

import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from contracts.stores.port import TIMEOUT, Entry, check, check_prefix, space_of
from contracts.stores.sqlite.thread import DatabaseThread

MAX_BYTES: Final = 1024**3
# Entries that one step of a scan reads, and that one sweep forgets.
_PAGE: Final = 200
# Seconds between two sweeps.
_SWEEP_EVERY: Final = 1.0

_GET: Final = (
    "SELECT value, version, expires FROM entries WHERE key = ? AND (expires = 0 OR expires > ?)"
)
_PUT: Final = "INSERT OR REPLACE INTO entries (key, value, version, expires) VALUES (?, ?, ?, ?)"
# Begins at the clock, so that a file that was thrown away repeats no version.
_NEXT: Final = (
    "INSERT INTO spaces (name, generation) VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET generation = generation + 1 RETURNING generation"
)
_SCAN: Final = (
    "SELECT key, value, version, expires FROM entries"
    " WHERE key > ? AND key >= ? AND key < ? AND (expires = 0 OR expires > ?)"
    " ORDER BY key LIMIT ?"
)
_SWEEP: Final = (
    "DELETE FROM entries WHERE rowid IN"
    " (SELECT rowid FROM entries WHERE expires > 0 AND expires <= ? LIMIT ?)"
)


class SQLiteStore:
    """Keeps entries in the file ``path``, which it makes; its folder must be there.

    The file grows to ``max_bytes``. ``timeout`` is in seconds, ``clock`` gives Unix seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = MAX_BYTES,
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._thread = DatabaseThread(path, max_bytes=max_bytes, timeout=timeout)
        self._clock = clock
        self._swept = 0.0

    def __repr__(self) -> str:
        return f"<SQLiteStore {self._path}>"

    async def get(self, key: str) -> Entry | None:
        space_of(key)
        return await self._thread.run(lambda database: self._read(database, key), writes=False)

    async def put(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        space = check(key, value, ttl)
        return await self._thread.run(
            lambda database: self._write(database, space, key, value, ttl)
        )

    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> int | None:
        space = check(key, value, ttl)

        def work(database: sqlite3.Connection) -> int | None:
            if self._read(database, key):
                return None
            return self._write(database, space, key, value, ttl)

        return await self._thread.run(work)

    async def replace(
        self, key: str, value: bytes, *, version: int, ttl: float | None = None
    ) -> int | None:
        space = check(key, value, ttl)

        def work(database: sqlite3.Connection) -> int | None:
            entry = self._read(database, key)
            if entry is None or entry.version != version:
                return None
            return self._write(database, space, key, value, ttl)

        return await self._thread.run(work)

    async def delete(self, key: str, *, version: int | None = None) -> bool:
        space = space_of(key)

        def work(database: sqlite3.Connection) -> bool:
            entry = self._read(database, key)
            if entry is None or version not in {None, entry.version}:
                return False
            database.execute("DELETE FROM entries WHERE key = ?", (key,))
            self._next(database, space)
            return True

        return await self._thread.run(work)

    async def scan(self, prefix: str) -> AsyncIterator[tuple[str, Entry]]:
        check_prefix(prefix)
        # The first text that comes after all that begin with the prefix.
        end = prefix + "\U0010ffff"
        last = ""
        while True:
            bounds = (last, prefix, end, self._clock(), _PAGE)
            page = partial(_page, bounds)
            rows = await self._thread.run(page, writes=False)
            for key, *fields in rows:
                yield key, Entry(*fields)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    async def generation(self, space: str) -> int:
        query = "SELECT generation FROM spaces WHERE name = ?"
        row = await self._thread.run(
            lambda database: database.execute(query, (space,)).fetchone(), writes=False
        )
        return row[0] if row else 0

    async def ready(self) -> None:
        await self._thread.run(_touch)

    async def close(self) -> None:
        await self._thread.close()

    def _read(self, database: sqlite3.Connection, key: str) -> Entry | None:
        row = database.execute(_GET, (key, self._clock())).fetchone()
        return Entry(*row) if row else None

    def _write(
        self, database: sqlite3.Connection, space: str, key: str, value: bytes, ttl: float | None
    ) -> int:
        now = self._clock()
        if not 0 <= now - self._swept < _SWEEP_EVERY:
            self._swept = now
            database.execute(_SWEEP, (now, _PAGE))
        version = self._next(database, space)
        database.execute(_PUT, (key, value, version, now + ttl if ttl else 0.0))
        return version

    def _next(self, database: sqlite3.Connection, space: str) -> int:
        (version,) = database.execute(_NEXT, (space, int(self._clock() * 1e6))).fetchone()
        return int(version)


def _page(bounds: tuple[Any, ...], database: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return database.execute(_SCAN, bounds).fetchall()


def _touch(database: sqlite3.Connection) -> None:
    # Inside of a transaction for writing: a file that can only be read is of no use.
    database.execute("SELECT 1 FROM spaces LIMIT 1").fetchone()
