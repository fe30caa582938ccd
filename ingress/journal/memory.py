"""A journal in memory: for tests, and for who wants to look at records without a file."""

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from ingress.journal import summing
from ingress.journal.filter import Filter
from ingress.journal.place import Place, parse
from ingress.journal.reader import RouteStats
from ingress.journal.record import Record


class MemoryJournal:
    """Keeps records in a list; a :class:`~ingress.journal.reader.Reader` of them."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records: list[Record] = []
        self.write(records)

    def __repr__(self) -> str:
        return f"<MemoryJournal {len(self._records)} records>"

    def write(self, records: Iterable[Record]) -> None:
        """Append records."""
        for record in records:
            place = Place(record.started, len(self._records) + 1)
            self._records.append(msgspec.structs.replace(record, place=str(place)))

    def find(
        self, wanted: Filter, *, limit: int | None = None, after: str = "", oldest: bool = False
    ) -> Iterator[Record]:
        found = sorted(filter(wanted.fits, self._records), key=_key, reverse=not oldest)
        if after:
            bound = parse(after)
            found = [one for one in found if (_key(one) > bound if oldest else _key(one) < bound)]
        return islice(found, limit)

    def get(self, id: str) -> list[Record]:  # noqa: A002 - the port's word
        return list(self.find(Filter(ids=(id,))))

    def count(self, wanted: Filter) -> int:
        return sum(map(wanted.fits, self._records))

    def stats(self, wanted: Filter) -> list[RouteStats]:
        return summing.of_records(filter(wanted.fits, self._records))

    def mark(self) -> str:
        return str(len(self._records))

    def news(self, mark: str, wanted: Filter) -> tuple[list[Record], str]:
        return [one for one in self._records[int(mark) :] if wanted.fits(one)], self.mark()

    def close(self) -> None:
        pass


def _key(record: Record) -> Place:
    return parse(record.place)
