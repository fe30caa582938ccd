"""Packs: records that were written together, as one row.

A row of a table and of each of its indexes costs more than the record in it. So what comes together
shares a row, and only its id has an entry of its own; kinds and callers have one a pack. A record's
number is that of its pack plus its place in it: numbers grow, and none is given twice while its
record is there.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from ingress.journal.entry import Entry, entries
from ingress.journal.migrate import decode
from ingress.journal.record import JournalError, Record
from ingress.journal.sqlite import heads
from ingress.journal.sqlite.heads import Heads

# Records of a pack, and bytes of them: who wants one of them reads all.
MOST: Final = 1024
LARGEST: Final = 256 * 1024

_FIELDS: Final = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(4))
_REPLAYS: Final = (
    "INSERT INTO replays (number, started, replay_of, run)"  # noqa: S608 - constants
    f" SELECT {_FIELDS} FROM json_each(?)"
)

_encode: Final = msgspec.json.Encoder().encode


class Pack:
    """A pack as it was read; ``seq`` is the number of its first record."""

    __slots__ = ("bodies", "heads", "seq")

    def __init__(self, seq: int, columns: Heads, bodies: bytes) -> None:
        self.seq = seq
        self.heads = columns
        self.bodies = bodies

    def __repr__(self) -> str:
        return f"<Pack of {len(self)} from {self.seq} on>"

    def stored(self, at: int) -> bytes:
        """Give one record as it is stored."""
        return self.heads.body(self.bodies, at)

    def __len__(self) -> int:
        return len(self.heads.started)


def next_number(connection: sqlite3.Connection) -> int:
    """Give the number that no record has had yet."""
    found = connection.execute("SELECT seq + count FROM packs ORDER BY seq DESC LIMIT 1").fetchone()
    return int(found[0]) if found else 1


def insert(connection: sqlite3.Connection, seq: int, records: list[Entry], kinds: list[int]) -> int:
    """Write records as one pack, in order of ``started``, each with its kind; give their bytes."""
    known = heads.of(records, kinds)
    first, last = known.started[0], known.started[-1]
    bodies = b"".join([one.stored for one in records])
    connection.execute(
        "INSERT INTO packs (seq, count, first, last, slowest, heads, bodies)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (seq, len(records), first, last, max(known.durations), heads.write(known), bodies),
    )
    # As one statement each: Python gives its lock away at a statement, and waits to get it back.
    connection.execute(
        "INSERT INTO ids (id, number) SELECT value, ? + key FROM json_each(?)",
        (seq, _json([one.id for one in records])),
    )
    connection.execute(
        "INSERT INTO pack_kinds (kind, seq, first, last) SELECT value, ?, ?, ? FROM json_each(?)",
        (seq, first, last, _json(list(dict.fromkeys(kinds)))),
    )
    connection.execute(
        "INSERT INTO pack_askers (asker, seq, first, last) SELECT value, ?, ?, ? FROM json_each(?)",
        (seq, first, last, _json([one for one in known.askers if one])),
    )
    replays = [
        (number, one.started, one.replay_of, one.run)
        for number, one in enumerate(records, seq)
        if one.replay_of or one.run
    ]
    if replays:
        connection.execute(_REPLAYS, (_json(replays),))
    return len(bodies)


def load(connection: sqlite3.Connection, number: int) -> Pack | None:
    """Read the pack that holds a record; ``None`` when the record is not there any more."""
    found = connection.execute(
        "SELECT seq, count, heads, bodies FROM packs WHERE seq <= ? ORDER BY seq DESC LIMIT 1",
        (number,),
    ).fetchone()
    if found is None or number >= found[0] + found[1]:
        return None
    seq, _, columns, bodies = found
    return Pack(seq, heads.read(columns), bodies)


def remove(connection: sqlite3.Connection, pack: Pack, count: int) -> None:
    """Delete the first ``count`` records of a pack; the others keep their numbers."""
    records = [_readable(pack.stored(at)) for at in range(len(pack))]
    last = pack.seq + len(pack) - 1
    connection.execute("DELETE FROM packs WHERE seq = ?", (pack.seq,))
    end = pack.heads.started[-1]
    for table, column, values in (
        ("pack_kinds", "kind", list(set(pack.heads.kinds))),
        ("pack_askers", "asker", list(pack.heads.askers)),
    ):
        connection.execute(
            f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
            " AND last = ? AND seq = ?",
            (_json(values), end, pack.seq),
        )
    connection.execute(
        "DELETE FROM ids WHERE id IN (SELECT value FROM json_each(?)) AND number BETWEEN ? AND ?",
        (_json([one.id for one in records if one]), pack.seq, last),
    )
    connection.execute("DELETE FROM replays WHERE number BETWEEN ? AND ?", (pack.seq, last))
    left = [
        (one, kind)
        for one, kind in zip(records[count:], pack.heads.kinds[count:], strict=True)
        if one is not None
    ]
    if left:
        kept = entries(one for one, _ in left)
        insert(connection, last + 1 - len(left), kept, [kind for _, kind in left])


def _readable(data: bytes) -> Record | None:
    """Read a record; one that is damaged goes with those that are deleted."""
    try:
        return decode(data)
    except JournalError:
        return None


def _json(values: Sequence[object]) -> str:
    return _encode(values).decode()
