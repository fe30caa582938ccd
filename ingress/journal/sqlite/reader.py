"""Reads a journal file: a :class:`~ingress.journal.reader.Reader`."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import msgspec

from ingress.journal import summing
from ingress.journal.filter import Filter
from ingress.journal.migrate import decode
from ingress.journal.place import Place, parse
from ingress.journal.reader import RouteStats
from ingress.journal.record import Record
from ingress.journal.sqlite import query, schema

# Records that are looked at in one go, and let the file go between two.
_PAGE: Final = 500
_FEW: Final = 64

Unlock = Callable[[Record], Record]


def as_it_is(record: Record) -> Record:
    """Leave an encrypted record locked."""
    return record


class SqliteReader:
    """Reads a journal file that may be written at the same time, by other processes too.

    ``unlock`` opens what is encrypted. Raises ``JournalError`` when there is no journal.
    """

    def __init__(self, path: Path, unlock: Unlock = as_it_is) -> None:
        self.path = path
        self._unlock = unlock
        self._connection = schema.open_to_read(path)

    def __repr__(self) -> str:
        return f"<SqliteReader {self.path}>"

    def find(
        self, wanted: Filter, *, limit: int | None = None, after: str = "", oldest: bool = False
    ) -> Iterator[Record]:
        place = parse(after) if after else None
        left = _BEYOND if limit is None else limit
        size = max(_FEW, min(left, _PAGE))
        while left > 0:
            with schema.told(self.path):
                places = query.candidates(
                    self._connection, wanted, most=size, after=place, oldest=oldest
                )
                records = self._fetch(places)
            for record in filter(wanted.fits, records):
                yield record
                left -= 1
                if not left:
                    return
            if len(places) < size:
                return
            place, size = places[-1], _PAGE

    def get(self, id: str) -> list[Record]:  # noqa: A002 - the port's word
        return list(self.find(Filter(ids=(id,))))

    def count(self, wanted: Filter) -> int:
        if _by_index_alone(wanted):
            return sum(len(durations) for _, durations in self._durations(wanted))
        return sum(1 for _ in self.find(wanted))

    def stats(self, wanted: Filter) -> list[RouteStats]:
        if not _by_index_alone(wanted):
            return summing.of_records(self.find(wanted))
        sums = summing.Summing()
        for (route, status, code), durations in self._durations(wanted):
            sums.add(route, status, code, durations)
        return sums.results()

    def mark(self) -> str:
        with schema.told(self.path):
            found = self._connection.execute("SELECT max(seq) FROM calls").fetchone()
        return str(found[0] or 0)

    def news(self, mark: str, wanted: Filter) -> tuple[list[Record], str]:
        with schema.told(self.path):
            rows = self._connection.execute(
                "SELECT started, seq, record FROM calls WHERE seq > ? ORDER BY seq LIMIT ?",
                (int(mark), _PAGE),
            ).fetchall()
        records = [self._read(Place(started, seq), data) for started, seq, data in rows]
        return [one for one in records if wanted.fits(one)], str(rows[-1][1]) if rows else mark

    def close(self) -> None:
        self._connection.close()

    def _fetch(self, places: Sequence[Place]) -> list[Record]:
        rows = self._connection.execute(
            "SELECT seq, record FROM calls WHERE seq IN (SELECT value FROM json_each(?))",
            (json.dumps([place.number for place in places]),),
        )
        # One that was deleted in between is not there any more.
        data = dict(rows.fetchall())
        return [self._read(one, data[one.number]) for one in places if one.number in data]

    def _read(self, place: Place, data: bytes) -> Record:
        record = self._unlock(decode(data))
        msgspec.structs.force_setattr(record, "place", str(place))
        return record

    def _durations(self, wanted: Filter) -> Iterator[tuple[tuple[str, int, str], list[int]]]:
        """Give durations by route, status and code, from an index alone."""
        with schema.told(self.path):
            kinds = {
                kind: (route, status, code)
                for kind, route, method, status, code in self._connection.execute(
                    "SELECT kind, route, method, status, code FROM kinds"
                )
                if wanted.fits_kind(route, method, status, code)
            }
            where, values = query.conditions(wanted)
            rows = self._connection.execute(
                "SELECT kind, duration FROM calls"  # noqa: S608 - constants
                f" WHERE {query.IN_KINDS} AND {where} ORDER BY kind",
                (json.dumps(list(kinds)), *values),
            )
            for kind, group in groupby(rows, key=itemgetter(0)):
                yield kinds[kind], [duration for _, duration in group]


_BEYOND: Final = 2**63


def _by_index_alone(wanted: Filter) -> bool:
    """Whether times and kinds are all that a filter asks for."""
    rest = msgspec.structs.replace(
        wanted, since=None, until=None, slower=None, routes=(), statuses=()
    )
    return not rest.selects
