"""Which rows of a journal file can fit a filter, in order, found by an index.

A filter is turned into one or several sources, each of which an index gives in the order of time,
and the sources are merged. What a source gives can fit; whether it does, the filter itself says.
"""

import heapq
import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from ingress.journal import summing
from ingress.journal.filter import Filter
from ingress.journal.place import Place
from ingress.journal.sqlite.store import OTHER

# Beyond this many kinds a walk along the time beats that many streams.
_MOST_STREAMS: Final = 256


IN_KINDS: Final = "kind IN (SELECT value FROM json_each(?))"
"""A condition whose value is a JSON list of kinds."""


class Source(msgspec.Struct, frozen=True):
    """A condition that the index ``index`` answers; its values in order."""

    index: str
    where: str = "1"
    values: tuple[str | int, ...] = ()


def sources(connection: sqlite3.Connection, wanted: Filter) -> list[Source]:
    """Choose how the rows are found: by what is rarest. None means that nothing can fit."""
    if wanted.ids:
        return [Source("by_id", "id = ?", (one,)) for one in dict.fromkeys(wanted.ids)]
    if wanted.replay_of:
        return [Source("by_original", "replay_of = ?", (wanted.replay_of,))]
    kinds, all_of_them = _kinds(connection, wanted)
    if not kinds:
        return []
    index, where, values = _rare(wanted)
    if index == "by_time" and not all_of_them and len(kinds) <= _MOST_STREAMS:
        return [Source("by_kind", "kind = ?", (one,)) for one in kinds]
    if not all_of_them:
        where += f" AND {IN_KINDS}"
    narrow = () if all_of_them else (json.dumps(kinds),)
    return [Source(index, where, (*value, *narrow)) for value in values]


def _rare(wanted: Filter) -> tuple[str, str, list[tuple[str, ...]]]:
    """Give index, condition and the values of each source, for what has an index of its own."""
    if wanted.run:
        return "by_run", "run = ?", [(wanted.run,)]
    if wanted.callers:
        return "by_caller", "caller = ?", [(one,) for one in dict.fromkeys(wanted.callers)]
    if wanted.replayed:
        return "by_replay", "replay_of IS NOT NULL", [()]
    return "by_time", "1", [()]


def candidates(
    connection: sqlite3.Connection,
    wanted: Filter,
    *,
    most: int,
    after: Place | None,
    oldest: bool,
) -> list[Place]:
    """Give the first places that can fit, at most ``most``, in order."""
    found = sources(connection, wanted)
    # With several sources each is read as far as the merge needs it.
    cursors = [_read(connection, one, wanted, most, after, oldest=oldest) for one in found]
    merged = cursors[0] if len(cursors) == 1 else heapq.merge(*cursors, reverse=not oldest)
    try:
        return list(islice(merged, most))
    finally:
        for cursor in cursors:
            cursor.close()


def conditions(wanted: Filter) -> tuple[str, tuple[int, ...]]:
    """Say in SQL what every row must fulfil, whatever index finds it."""
    bounds = (
        ("started >= ?", wanted.since),
        ("started < ?", wanted.until),
        ("duration >= ?", wanted.slower),
    )
    said = [(words, value) for words, value in bounds if value is not None]
    return " AND ".join(["1", *(words for words, _ in said)]), tuple(value for _, value in said)


def _read(
    connection: sqlite3.Connection,
    source: Source,
    wanted: Filter,
    most: int,
    after: Place | None,
    *,
    oldest: bool,
) -> "_Places":
    where, values = conditions(wanted)
    direction, beyond = ("ASC", ">") if oldest else ("DESC", "<")
    if after is not None:
        where += f" AND (started, seq) {beyond} (?, ?)"
        values = (*values, *after)
    text = (
        f"SELECT started, seq FROM calls INDEXED BY {source.index}"  # noqa: S608 - constants
        f" WHERE {source.where} AND {where}"
        f" ORDER BY started {direction}, seq {direction} LIMIT ?"
    )
    return _Places(connection.execute(text, (*source.values, *values, most)))


class _Places:
    """The places that a statement gives; closing it lets go of the file's state."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[Place]:
        return map(Place._make, self._cursor)

    def close(self) -> None:
        self._cursor.close()


def _kinds(connection: sqlite3.Connection, wanted: Filter) -> tuple[Sequence[int], bool]:
    """Give the kinds that can fit, and whether that is all there are."""
    rows = connection.execute(
        "SELECT kind, route, method, status, code, pace FROM kinds"
    ).fetchall()
    slow = 0 if wanted.slower is None else summing.pace(wanted.slower)
    fitting = [
        kind
        for kind, route, method, status, code, pace in rows
        if pace >= slow and _fits(wanted, route, method, status, code)
    ]
    return fitting, len(fitting) == len(rows)


def _fits(wanted: Filter, route: str, method: str, status: int, code: str) -> bool:
    # What stands for many can be any of them.
    if method == OTHER and wanted.methods:
        method = wanted.methods[0]
    if code == OTHER and wanted.codes:
        code = wanted.codes[0]
    return wanted.fits_kind(route, method, status, code)
