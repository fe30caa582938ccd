"""Which records of a journal file can fit a filter, in order, found by an index.

A filter is turned into sources of packs, each of which an index gives in the order of time; ids and
replays have entries of their own. Packs overlap in time. So they are taken in the order of their
nearer ends, and a record is given when no pack that is still to come can hold one before it. What
is given can fit; whether it does, the filter itself says.
"""

import heapq
import json
import sqlite3
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from ingress.journal import summing
from ingress.journal.filter import Filter
from ingress.journal.place import Place
from ingress.journal.sqlite import heads, packs
from ingress.journal.sqlite.heads import Heads
from ingress.journal.sqlite.store import OTHER

# Beyond this many kinds a walk along the time beats that many streams.
_MOST_STREAMS: Final = 256


class Source(msgspec.Struct, frozen=True):
    """Packs in order of time: a condition, its values, and a hint for each direction."""

    table: str
    newest: str
    oldest: str
    where: str = "1"
    values: tuple[str | int, ...] = ()


def candidates(
    connection: sqlite3.Connection,
    wanted: Filter,
    *,
    most: int,
    after: Place | None,
    oldest: bool,
) -> list[Place]:
    """Give the first places that can fit, at most ``most``, in order."""
    if wanted.ids:
        return _by_id(connection, wanted, most, after, oldest=oldest)
    if wanted.replay_of or wanted.run or wanted.replayed:
        return _replays(connection, wanted, most, after, oldest=oldest)
    kinds, all_of_them = kinds_of(connection, wanted)
    if not kinds:
        return []
    walk = _Walk(connection, wanted, None if all_of_them else frozenset(kinds), after, oldest)
    return list(islice(walk.places(sources(wanted, kinds, all_of_them=all_of_them)), most))


def sources(wanted: Filter, kinds: Sequence[int], *, all_of_them: bool) -> list[Source]:
    """Choose how the packs are found: by what is rarest."""
    if wanted.callers:
        return [
            Source("pack_askers", "", "INDEXED BY askers_first", "asker = ?", (one,))
            for one in dict.fromkeys(wanted.callers)
        ]
    if all_of_them or len(kinds) > _MOST_STREAMS:
        return [Source("packs", "INDEXED BY by_last", "INDEXED BY by_first")]
    hint = "INDEXED BY kinds_first"
    return [Source("pack_kinds", "", hint, "kind = ?", (one,)) for one in kinds]


def conditions(wanted: Filter, *, slowest: bool = True) -> tuple[str, tuple[int, ...]]:
    """Say in SQL what every pack must fulfil, whatever index finds it."""
    bounds = (
        ("last >= ?", wanted.since),
        ("first < ?", wanted.until),
        ("slowest >= ?", wanted.slower if slowest else None),
    )
    said = [(words, value) for words, value in bounds if value is not None]
    return " AND ".join(["1", *(words for words, _ in said)]), tuple(value for _, value in said)


def chosen(wanted: Filter, kinds: Container[int] | None, known: Heads) -> Iterable[int]:
    """Say which records of a pack can fit, by its columns; ``None`` is any kind."""
    since, until, slower = wanted.since, wanted.until, wanted.slower
    at: Iterable[int] = range(len(known.started))
    started, durations = known.started, known.durations
    if kinds is not None:
        at = [one for one, kind in enumerate(known.kinds) if kind in kinds]
    if since is not None:
        at = [one for one in at if started[one] >= since]
    if until is not None:
        at = [one for one in at if started[one] < until]
    if slower is not None:
        at = [one for one in at if durations[one] >= slower]
    if wanted.callers:
        numbers = {n for n, asker in enumerate(known.askers) if asker in wanted.callers}
        at = [one for one in at if known.whose[one] in numbers]
    return at


def kinds_of(connection: sqlite3.Connection, wanted: Filter) -> tuple[Sequence[int], bool]:
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


class _Walk:
    """Goes along packs in order of time, newest or oldest first, and gives places in order."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        wanted: Filter,
        kinds: frozenset[int] | None,
        after: Place | None,
        oldest: bool,  # noqa: FBT001 - its own class's
    ) -> None:
        self._connection = connection
        self._kinds = kinds
        self._after = after
        self._oldest = oldest
        if after is not None and oldest:
            since = max(after.started, wanted.since or 0)
            wanted = msgspec.structs.replace(wanted, since=since)
        elif after is not None:
            until = after.started + 1
            until = until if wanted.until is None else min(until, wanted.until)
            wanted = msgspec.structs.replace(wanted, until=until)
        self._wanted = wanted

    def places(self, found: Sequence[Source]) -> Iterator[Place]:
        cursors = [self._packs(one) for one in found]
        # By the nearer end, as each source is; a pack may come from several.
        sign = 1 if self._oldest else -1
        waiting: list[tuple[int, int]] = []
        seen: set[int] = set()
        try:
            for end, seq in heapq.merge(*cursors, key=lambda one: (sign * one[0], sign * one[1])):
                if seq in seen:
                    continue
                seen.add(seq)
                while waiting and waiting[0][0] < sign * end:
                    yield _place(heapq.heappop(waiting), sign)
                for started, number in self._look(seq):
                    heapq.heappush(waiting, (sign * started, sign * number))
            while waiting:
                yield _place(heapq.heappop(waiting), sign)
        finally:
            for cursor in cursors:
                cursor.close()

    def _packs(self, source: Source) -> "_Ends":
        where, values = conditions(self._wanted, slowest=source.table == "packs")
        near = "first" if self._oldest else "last"
        direction = "ASC" if self._oldest else "DESC"
        bound = self._wanted.since if self._oldest else self._wanted.until
        if bound is not None:
            # The index is on the nearer end, and no pack is longer than the longest.
            where += f" AND {near} {'>=' if self._oldest else '<'} ?"
            values = (*values, bound - self._span() if self._oldest else bound + self._span())
        hint = source.oldest if self._oldest else source.newest
        text = (
            f"SELECT {near}, seq FROM {source.table} {hint}"  # noqa: S608 - constants
            f" WHERE {source.where} AND {where} ORDER BY {near} {direction}, seq {direction}"
        )
        return _Ends(self._connection.execute(text, (*source.values, *values)))

    def _span(self) -> int:
        found = self._connection.execute("SELECT max(last - first) FROM packs").fetchone()
        return int(found[0] or 0)

    def _look(self, seq: int) -> Iterator[Place]:
        row = self._connection.execute("SELECT heads FROM packs WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            return  # deleted in between
        known = heads.read(row[0])
        after, oldest = self._after, self._oldest
        for at in chosen(self._wanted, self._kinds, known):
            place = Place(known.started[at], seq + at)
            if after is None or (place > after if oldest else place < after):
                yield place


class _Ends:
    """Nearer ends and numbers of packs from a statement; closing it lets go of the file's state."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[tuple[int, int]]:
        yield from self._cursor

    def close(self) -> None:
        self._cursor.close()


def _place(waiting: tuple[int, int], sign: int) -> Place:
    return Place(sign * waiting[0], sign * waiting[1])


def _by_id(
    connection: sqlite3.Connection, wanted: Filter, most: int, after: Place | None, *, oldest: bool
) -> list[Place]:
    """Look ids up: there are but a few of each, and no index could hold their order too."""
    rows = connection.execute(
        "SELECT number FROM ids WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(wanted.ids),),
    ).fetchall()
    found = []
    for (number,) in rows:
        pack = packs.load(connection, number)
        if pack is not None:
            found.append(Place(pack.heads.started[number - pack.seq], number))
    if after is not None:
        found = [one for one in found if (one > after if oldest else one < after)]
    return sorted(found, reverse=not oldest)[:most]


def _replays(
    connection: sqlite3.Connection, wanted: Filter, most: int, after: Place | None, *, oldest: bool
) -> list[Place]:
    """Find replays, which stand in a table of their own."""
    index, where, values = _rare(wanted)
    for words, bound in (("started >= ?", wanted.since), ("started < ?", wanted.until)):
        if bound is not None:
            where, values = f"{where} AND {words}", (*values, bound)
    direction, beyond = ("ASC", ">") if oldest else ("DESC", "<")
    if after is not None:
        where, values = f"{where} AND (started, number) {beyond} (?, ?)", (*values, *after)
    rows = connection.execute(
        f"SELECT started, number FROM replays INDEXED BY {index} WHERE {where}"  # noqa: S608 - constants
        f" ORDER BY started {direction}, number {direction} LIMIT ?",
        (*values, most),
    )
    return [Place(*row) for row in rows.fetchall()]


def _rare(wanted: Filter) -> tuple[str, str, tuple[str | int, ...]]:
    """Give index, condition and value of what selects most among replays."""
    if wanted.replay_of:
        return "by_original", "replay_of = ?", (wanted.replay_of,)
    if wanted.run:
        return "by_run", "run = ?", (wanted.run,)
    return "by_replay", "replay_of > ''", ()


def _fits(wanted: Filter, route: str, method: str, status: int, code: str) -> bool:
    # What stands for many can be any of them.
    if method == OTHER and wanted.methods:
        method = wanted.methods[0]
    if code == OTHER and wanted.codes:
        code = wanted.codes[0]
    return wanted.fits_kind(route, method, status, code)
