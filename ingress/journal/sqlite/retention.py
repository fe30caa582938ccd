"""Keeps a journal file small: by age, by size and by count, a slice at a time."""

import sqlite3
import time
from typing import Final

import msgspec

# Rows that are deleted in one transaction: some milliseconds, for which others wait.
_SLICE: Final = 500
# Pages that are given back to the file system in one go.
_PAGES: Final = 500


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept at most: ``age`` in seconds, ``size`` in bytes, ``count`` of records.

    ``None`` is no limit.
    """

    age: float | None = None
    size: int | None = None
    count: int | None = None


def tidy(connection: sqlite3.Connection, keep: Retention, *, now: float | None = None) -> bool:
    """Delete a slice of what is too much, the oldest first; says whether there is more."""
    now = time.time() if now is None else now
    deleted = 0
    if keep.age is not None:
        deleted += _delete(
            connection,
            "SELECT seq FROM calls WHERE started < ? ORDER BY started, seq LIMIT ?",
            int((now - keep.age) * 1000),
        )
    first, last = connection.execute("SELECT min(seq), max(seq) FROM calls").fetchone()
    # They are numbered as they come and go in that order, so this is never too few.
    count = last - first + 1 if first is not None else 0
    excess = count - keep.count if keep.count is not None else 0
    if keep.size is not None and (used := _used(connection)) > keep.size:
        excess = max(excess, -(-count * (used - keep.size) // used))
    if excess > 0:
        deleted += _delete(
            connection, "SELECT seq FROM calls WHERE seq < ? ORDER BY seq LIMIT ?", first + excess
        )
    return _give_back(connection) or deleted > 0


def _delete(connection: sqlite3.Connection, which: str, bound: int) -> int:
    return connection.execute(
        f"DELETE FROM calls WHERE seq IN ({which})",  # noqa: S608 - constants
        (bound, _SLICE),
    ).rowcount


def _used(connection: sqlite3.Connection) -> int:
    """Count the bytes of the pages that hold something."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _give_back(connection: sqlite3.Connection) -> bool:
    """Shrink the file by some of its empty pages, when they are more than new records need."""
    free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    if free <= _PAGES or free * 10 < pages:
        return False
    # As a script, since one step of this statement gives back one page.
    connection.executescript(f"PRAGMA incremental_vacuum({_PAGES})")
    return True
