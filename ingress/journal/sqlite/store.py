"""Writes records into a journal file, many at once, as packs."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Final

from ingress.journal.entry import Entry, Storable, entries
from ingress.journal.sqlite import packs, retention, schema
from ingress.journal.sqlite.retention import Retention

# Seconds to wait for another process that writes.
_PATIENCE: Final = 2.0

# Methods are the clients' to invent and codes the workers': both are bounded in their number.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
_MOST_KINDS: Final = 20_000
OTHER: Final = "*"
"""Stands in ``kinds`` for a method or a code that is none of the known ones."""

_US: Final = 1000
# Microseconds of a call that is long.
_LONG: Final = 1_000_000

# By milliseconds.
_PACES: Final = [took.bit_length() for took in range(1024)]

_Kind = tuple[str, str, int, str, int]


class SqliteStore:
    """Writes to a file, which is opened at the first write and opened again when it was replaced.

    One thread at a time. ``write`` raises ``JournalError`` and has written nothing then.
    """

    def __init__(self, path: Path, keep: Retention = Retention()) -> None:  # noqa: B008 - it is immutable
        self.path = path
        self._keep = keep
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._kinds: dict[_Kind, int] = {}

    def __repr__(self) -> str:
        return f"<SqliteStore {self.path}>"

    def write(self, records: Sequence[Storable]) -> int:
        """Write records, all or none; gives their bytes."""
        with schema.told(self.path):
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                size = self._insert(connection, entries(records))
                connection.execute("COMMIT")
            except BaseException:
                # What was new among the kinds is gone with the rest.
                self._kinds.clear()
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            return size

    def tidy(self) -> bool:
        """Delete a slice of what is too old or too much; says whether there is more."""
        with schema.told(self.path):
            return retention.tidy(self.connection(), self._keep)

    def connection(self) -> sqlite3.Connection:
        """Give the connection to the file that is there now."""
        if self._connection is not None and not self._is_there():
            self.close()
        if self._connection is None:
            self._connection = schema.open_to_write(self.path, patience=_PATIENCE)
            self._inode = self.path.stat().st_ino
            self._kinds.clear()
        return self._connection

    def close(self) -> None:
        """Leave the file, which needs nothing but itself then."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _is_there(self) -> bool:
        """Whether the path still names the file that is open: an operator may have moved it."""
        try:
            return self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def _insert(self, connection: sqlite3.Connection, records: list[Entry]) -> int:
        size = 0
        number = packs.next_number(connection) if records else 0
        for some in _parts(records):
            size += packs.insert(connection, number, some, self._kinds_of(connection, some))
            number += len(some)
        return size

    def _kinds_of(self, connection: sqlite3.Connection, records: list[Entry]) -> list[int]:
        """Give the number of each record's kind; neighbours are of one kind but for the pace."""
        found: list[int] = []
        route = method = code = ""
        status = -1
        by_pace: dict[int, int] = {}
        for one in records:
            if (
                one.status != status
                or one.route != route
                or one.code != code
                or one.method != method
            ):
                route, method, status, code = one.route, one.method, one.status, one.code
                by_pace = {}
            # The pace, without the call: every record comes by here.
            took = one.duration_us // _US
            pace = _PACES[took] if took < len(_PACES) else took.bit_length()
            number = by_pace.get(pace, 0)
            if not number:
                kind = (route, method if method in _METHODS else OTHER, status, code, pace)
                number = self._kinds.get(kind) or self._new_kind(connection, kind)
                by_pace[pace] = number
            found.append(number)
        return found

    def _new_kind(self, connection: sqlite3.Connection, kind: _Kind) -> int:
        route, method, status, code, pace = kind
        if code and len(self._kinds) >= _MOST_KINDS:
            # Looked up each time, since memory is bounded too.
            return _number(connection, (route, method, status, OTHER, pace))
        number = self._kinds[kind] = _number(connection, kind)
        return number


def _number(connection: sqlite3.Connection, kind: _Kind) -> int:
    connection.execute(
        "INSERT OR IGNORE INTO kinds (route, method, status, code, pace) VALUES (?, ?, ?, ?, ?)",
        kind,
    )
    found = connection.execute(
        "SELECT kind FROM kinds"
        " WHERE route = ? AND method = ? AND status = ? AND code = ? AND pace = ?",
        kind,
    ).fetchone()
    return int(found[0])


def _parts(records: list[Entry]) -> Iterator[list[Entry]]:
    """Cut records into what one pack holds, in order of time.

    Long calls are packed by themselves, or a pack would reach over all that ended before them.
    """
    short = [one for one in records if one.duration_us < _LONG]
    found: dict[int, list[Entry]] = {0: short} if short else {}
    if len(short) < len(records):
        for one in records:
            if one.duration_us >= _LONG:
                found.setdefault(one.duration_us.bit_length(), []).append(one)
    for some in found.values():
        some.sort(key=_started)
        yield from _cut(some)


def _cut(records: list[Entry]) -> Iterator[list[Entry]]:
    first = size = 0
    for place, one in enumerate(records):
        size += len(one.stored)
        if place > first and (size > packs.LARGEST or place - first == packs.MOST):
            yield records[first:place]
            first, size = place, len(one.stored)
    yield records[first:]


_started: Final = attrgetter("started")
