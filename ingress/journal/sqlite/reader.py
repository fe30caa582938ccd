"""Reads a journal file: a :class:`~ingress.journal.reader.Reader`."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from ingress.journal import summing
from ingress.journal.filter import Filter
from ingress.journal.migrate import decode
from ingress.journal.place import Place, parse
from ingress.journal.reader import RouteStats
from ingress.journal.record import Record
from ingress.journal.sqlite import heads, packs, query, schema
from ingress.journal.sqlite.packs import Pack

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
        # The one that was read last: neighbours follow each other.
        self._pack: Pack | None = None

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
                # Of the page's own: what was read before may have been deleted since.
                self._pack = None
                records = [one for at in places if (one := self._record(at.number)) is not None]
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
        if _by_columns_alone(wanted):
            return sum(len(durations) for _, durations in self._durations(wanted))
        return sum(1 for _ in self.find(wanted))

    def stats(self, wanted: Filter) -> list[RouteStats]:
        if not _by_columns_alone(wanted):
            return summing.of_records(self.find(wanted))
        sums = summing.Summing()
        for (route, status, code), durations in self._durations(wanted):
            sums.add(route, status, code, durations)
        return sums.results()

    def mark(self) -> str:
        with schema.told(self.path):
            return str(packs.next_number(self._connection) - 1)

    def news(self, mark: str, wanted: Filter) -> tuple[list[Record], str]:
        seen, self._pack = int(mark), None
        with schema.told(self.path):
            rows = self._connection.execute(
                "SELECT seq, count FROM packs"
                " WHERE seq >= (SELECT coalesce(max(seq), 0) FROM packs WHERE seq <= ?)"
                " ORDER BY seq LIMIT ?",
                (seen, _PAGE),
            )
            fresh = [
                number
                for seq, count in rows.fetchall()
                for number in range(max(seq, seen + 1), seq + count)
            ][:_PAGE]
            records = [one for number in fresh if (one := self._record(number)) is not None]
        return [one for one in records if wanted.fits(one)], str(fresh[-1]) if fresh else mark

    def close(self) -> None:
        self._connection.close()

    def _record(self, number: int) -> Record | None:
        """Read a record; ``None`` for one that was deleted in between."""
        pack = self._pack
        if pack is None or not pack.seq <= number < pack.seq + len(pack):
            self._pack = pack = packs.load(self._connection, number)
        if pack is None:
            return None
        at = number - pack.seq
        record = self._unlock(decode(pack.stored(at)))
        msgspec.structs.force_setattr(record, "place", str(Place(pack.heads.started[at], number)))
        return record

    def _durations(self, wanted: Filter) -> Iterator[tuple[tuple[str, int, str], list[int]]]:
        """Give durations by route, status and code, from the columns alone."""
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
                f"SELECT heads FROM packs WHERE {where} ORDER BY seq",  # noqa: S608 - constants
                values,
            )
            for (data,) in rows:
                known = heads.read(data)
                found: defaultdict[int, list[int]] = defaultdict(list)
                for at in query.chosen(wanted, kinds, known):
                    found[known.kinds[at]].append(known.durations[at])
                for kind, durations in found.items():
                    yield kinds[kind], durations


_BEYOND: Final = 2**63


def _by_columns_alone(wanted: Filter) -> bool:
    """Whether times, durations and kinds are all that a filter asks for."""
    rest = msgspec.structs.replace(
        wanted, since=None, until=None, slower=None, routes=(), statuses=()
    )
    return not rest.selects
