"""What became of calls: those that were written down together are one row.

A row for each call, with what finds it by its place and by its original, costs twice what all the
rest of a replay's memory does. So they are packs, as in the journal: what is looked for stands
before the calls and is read alone. A call that was tried again stands in a later pack too, and the
last word counts.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

TABLES: Final = """
CREATE TABLE packs (
  number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL,
  heads BLOB NOT NULL, calls BLOB NOT NULL
);
CREATE INDEX by_run ON packs (run, number);
CREATE INDEX by_first ON packs (first, last, run, number);
CREATE INDEX by_span ON packs (last - first)
"""

# Calls of a pack, and bytes of them: who wants one of them reads all.
MOST: Final = 1000
LARGEST: Final = 256 * 1024
# Packs of which the heads, and the calls, are kept in memory: neighbours follow each other.
_HEADS, _CALLS = 64, 8


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a call is looked for by; the fields are those of a ``Send``."""

    place: str
    original: str
    started: int
    state: int


class Packed(msgspec.Struct, frozen=True, gc=False):
    """A call that is to be written: its head, and the rest as it is stored."""

    head: Head
    stored: bytes


_encode: Final = msgspec.msgpack.Encoder().encode
_heads: Final = msgspec.msgpack.Decoder(list[Head]).decode
_NOTHING: Final = _encode([])
_calls: Final = msgspec.msgpack.Decoder(list[bytes]).decode


class Packs:
    """The packs of a file.

    Nothing is committed: ``add`` and ``forget`` are part of a transaction of who calls them.
    """

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._known: dict[int, dict[tuple[str, int], int]] = {}
        self._read: dict[int, list[bytes]] = {}
        # By run, where each place stands, as far as it was looked for.
        self._places: dict[str, _Places] = {}

    def __repr__(self) -> str:
        return f"<Packs {len(self._read)} read>"

    def add(self, run: str, calls: Sequence[Packed]) -> None:
        """Write down what became of calls."""
        for some in _cut(calls):
            heads = [one.head for one in some]
            moments = [head.started for head in heads]
            self._file.execute(
                "INSERT INTO packs (run, first, last, heads, calls) VALUES (?, ?, ?, ?, ?)",
                (
                    run,
                    min(moments),
                    max(moments),
                    _encode(heads),
                    _encode([one.stored for one in some]),
                ),
            )

    def states(self, run: str) -> dict[str, int]:
        """Give the last word on each call of a run, by its place."""
        found: dict[str, int] = {}
        for _, heads in self._heads_of(run):
            found.update([(head.place, head.state) for head in heads])
        return found

    def stored(self, run: str) -> Iterator[bytes]:
        """Give the last word on each call of a run, in the order of writing."""
        # By their hashes, which take less memory: of those that meet, no harm is done.
        seen, again = set[int](), dict[str, int]()
        for number, heads in self._heads_of(run):
            for head in heads:
                place = hash(head.place)
                if place in seen:
                    again[head.place] = number
                seen.add(place)
        for number, data, calls in self._rows(run, "heads, calls"):
            for head, stored in zip(_heads(data), _calls(calls), strict=True):
                if again.get(head.place, number) == number:
                    yield stored

    def one(self, run: str, place: str) -> bytes | None:
        """Give the last word on a call, if there is one."""
        places = self._places.setdefault(run, _Places())
        for number, heads in self._heads_of(run, after=places.last):
            places.last = number
            places.where.update([(head.place, (number, at)) for at, head in enumerate(heads)])
        number, at = places.where.get(place, (0, 0))
        calls = self._calls_of(number) if number else []
        return calls[at] if calls else None

    def sent(self, original: str, started: int, target: str) -> Iterator[tuple[str, int]]:
        """Give the runs to a target that know a call, the newest first, with their last word."""
        rows = self._file.execute(
            "SELECT run, number FROM packs JOIN runs USING (run)"
            " WHERE first BETWEEN ? - (SELECT max(last - first) FROM packs) AND ? AND last >= ?"
            " AND target = ? ORDER BY runs.started DESC, number DESC",
            (started, started, started, target),
        )
        told = ""
        for run, number in rows.fetchall():
            state = self._originals(number).get((original, started))
            if state is not None and run != told:
                told = run
                yield run, state

    def forget(self, run: str) -> None:
        """Delete what became of the calls of a run."""
        self._file.execute("DELETE FROM packs WHERE run = ?", (run,))
        self._places.pop(run, None)

    def _heads_of(self, run: str, after: int = 0) -> Iterator[tuple[int, list[Head]]]:
        return ((number, _heads(data)) for number, data in self._rows(run, "heads", after))

    def _rows(self, run: str, columns: str, after: int = 0) -> Iterator[tuple[Any, ...]]:
        """Give a run's packs one at a time, so that the file is free meanwhile."""
        while True:
            row = self._file.execute(
                f"SELECT number, {columns} FROM packs WHERE run = ? AND number > ?"  # noqa: S608 - constants
                " ORDER BY number LIMIT 1",
                (run, after),
            ).fetchone()
            if row is None:
                return
            after = row[0]
            yield row

    def _originals(self, number: int) -> dict[tuple[str, int], int]:
        known = self._known.get(number)
        if known is None:
            heads = _heads(self._column("heads", number))
            known = {(head.original, head.started): head.state for head in heads}
            _keep(self._known, number, known, _HEADS)
        return known

    def _calls_of(self, number: int) -> list[bytes]:
        calls = self._read.get(number)
        if calls is None:
            calls = _calls(self._column("calls", number))
            _keep(self._read, number, calls, _CALLS)
        return calls

    def _column(self, name: str, number: int) -> bytes:
        row = self._file.execute(
            f"SELECT {name} FROM packs WHERE number = ?",  # noqa: S608 - constants
            (number,),
        ).fetchone()
        # Deleted meanwhile, with its run.
        return bytes(row[0]) if row else _NOTHING


def take_over(file: sqlite3.Connection) -> None:
    """Make packs of the table of a file of before, which had a row for each call."""
    packs = Packs(file)
    for (run,) in file.execute("SELECT DISTINCT run FROM sends").fetchall():
        rows = file.execute(
            "SELECT place, original, started, state, record FROM sends WHERE run = ?"
            " ORDER BY rowid",
            (run,),
        )
        while some := rows.fetchmany(MOST):
            packs.add(run, [Packed(Head(*row[:4]), row[4]) for row in some])
    file.execute("DROP TABLE sends")


class _Places:
    """Where the calls of a run stand: pack, and place in it."""

    def __init__(self) -> None:
        self.last = 0
        self.where: dict[str, tuple[int, int]] = {}


def _cut(calls: Sequence[Packed]) -> Iterator[Sequence[Packed]]:
    first = size = 0
    for at, one in enumerate(calls):
        size += len(one.stored)
        if at > first and (size > LARGEST or at - first == MOST):
            yield calls[first:at]
            first, size = at, len(one.stored)
    if calls:
        yield calls[first:]


def _keep(kept: dict[int, T], number: int, value: T, most: int) -> None:
    """Keep what was read last."""
    kept[number] = value
    if len(kept) > most:
        del kept[next(iter(kept))]
