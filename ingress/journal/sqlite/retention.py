"""Keeps a journal file small: by age, by size and by count, a slice at a time."""

import sqlite3
import time
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from ingress.journal.sqlite import packs
from ingress.journal.sqlite.packs import Pack

# Records that are deleted in one go. Those of a pack are one transaction: some milliseconds, for
# which others wait.
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
        deleted += _delete_older(connection, int((now - keep.age) * 1000))
    after = packs.next_number(connection)
    first = connection.execute("SELECT min(seq) FROM packs").fetchone()[0] or after
    # They are numbered as they come and go in that order, so this is never too few.
    count = after - first
    excess = count - keep.count if keep.count is not None else 0
    if keep.size is not None and (used := _used(connection)) > keep.size:
        excess = max(excess, -(-count * (used - keep.size) // used))
    if excess > 0:
        deleted += _delete_below(connection, first + min(excess, _SLICE))
    return _give_back(connection) or deleted > 0


def _delete_older(connection: sqlite3.Connection, bound: int) -> int:
    """Delete what started before a moment, up to a slice; gives how many."""
    found = connection.execute(
        "SELECT seq FROM packs WHERE first < ? ORDER BY first, seq LIMIT ?", (bound, _SLICE)
    ).fetchall()
    deleted = 0
    for (seq,) in found:
        deleted += _cut(connection, seq, lambda pack: bisect_left(pack.heads.started, bound))
        if deleted >= _SLICE:
            break
    return deleted


def _delete_below(connection: sqlite3.Connection, bound: int) -> int:
    """Delete what has a number below the bound; gives how many."""
    found = connection.execute("SELECT seq FROM packs WHERE seq < ? ORDER BY seq", (bound,))
    return sum(_cut(connection, seq, lambda pack: bound - pack.seq) for (seq,) in found.fetchall())


def _cut(connection: sqlite3.Connection, seq: int, how_many: Callable[[Pack], int]) -> int:
    """Delete the first records of a pack, in a transaction of its own."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        pack = packs.load(connection, seq)
        # Another process may have been here in between.
        count = 0 if pack is None or pack.seq != seq else min(how_many(pack), len(pack))
        if pack is not None and count > 0:
            packs.remove(connection, pack, count)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return max(0, count)


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
