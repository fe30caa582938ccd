"""What is on the way: calls that were written down before they were sent, and have not ended.

A row for each call, with its indexes, costs as much as all the rest of remembering it. So those
that are sent together share one row, which goes when all of them have ended. What a run leaves that
was cut off is put beside its other calls as soon as somebody asks for them.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

TABLE: Final = """
CREATE TABLE begun (
  run TEXT NOT NULL, first TEXT NOT NULL, calls BLOB NOT NULL, PRIMARY KEY (run, first)
) WITHOUT ROWID
"""


class Leaving(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A call that is about to be sent; the fields are those of a ``Send``."""

    place: str
    original: str
    started: int
    safe: bool


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Leaving]).decode


class Begun:
    """The rows of a file, and which of those that were added here are still needed.

    Nothing is committed: each method is part of a transaction of who calls it.
    """

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        # By run and place: those of its row that have not ended.
        self._rows: dict[tuple[str, str], _Row] = {}

    def __repr__(self) -> str:
        return f"<Begun {len(self._rows)} on the way>"

    def any(self) -> bool:
        """Whether there are calls on the way, of whatever run and process."""
        return self._file.execute("SELECT 1 FROM begun LIMIT 1").fetchone() is not None

    def add(self, run: str, calls: Sequence[Leaving]) -> None:
        """Write down calls that leave together."""
        row = _Row(calls[0].place, len(calls))
        self._file.execute(
            "INSERT OR REPLACE INTO begun VALUES (?, ?, ?)", (run, row.first, _encode(calls))
        )
        self._rows.update(((run, call.place), row) for call in calls)

    def end(self, run: str, places: Iterable[str]) -> None:
        """Delete the rows of which all calls have ended."""
        through = []
        for place in places:
            row = self._rows.pop((run, place), None)
            if row is not None:
                row.left -= 1
                if not row.left:
                    through.append((run, row.first))
        if through:
            self._file.executemany("DELETE FROM begun WHERE run = ? AND first = ?", through)

    def forget(self, run: str) -> None:
        """Delete what is on the way of a run."""
        self._file.execute("DELETE FROM begun WHERE run = ?", (run,))

    def take(self) -> Iterator[tuple[str, Leaving]]:
        """Give all that is on the way, with its run, and delete it."""
        rows = self._file.execute("SELECT run, calls FROM begun").fetchall()
        self._file.execute("DELETE FROM begun")
        return ((run, call) for run, calls in rows for call in _decode(calls))


class _Row:
    """A row that was added, and how many of its calls have not ended."""

    __slots__ = ("first", "left")

    def __init__(self, first: str, left: int) -> None:
        self.first = first
        self.left = left
