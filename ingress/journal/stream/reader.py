"""Reads a stream: a :class:`~ingress.journal.reader.Reader` without an index.

A stream is read from a moment on, so what is asked for is looked for among what was written since
then. A record is written after its request started, and at most the longest call later: that bounds
how far one must read, and how long records wait to be put in order.
"""

import asyncio
import heapq
import re
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

import msgspec

from contracts.brokers.rabbitmq.stream import Begin, Entry, RabbitStream
from contracts.deadline import now_ms
from contracts.fault import Fault
from ingress.journal import summing
from ingress.journal.filter import Filter
from ingress.journal.migrate import decode
from ingress.journal.place import Place, parse
from ingress.journal.reader import RouteStats
from ingress.journal.record import JournalError, Record
from ingress.journal.stream import batch

T = TypeVar("T")
Unlock = Callable[[Record], Record]

# Milliseconds between the start of a request and its record at most: the longest timeout, and a
# writer that had to wait.
LATEST: Final = 3600_000 + 600_000
# Milliseconds. What is new is looked for in the last minute first, then further and further back.
_SPANS: Final = (60_000, 600_000, 7_200_000, 86_400_000)
# Messages of one look.
_PAGE: Final = 200
# Places of one message: it has fewer records than that.
_WIDTH: Final = 2**20
# Ids that a gateway made begin with their moment.
_OWN_ID: Final = re.compile(r"[0-9a-f]{28}", re.ASCII)


class StreamReader:
    """Reads a stream on a connection of its own; blocks, and runs an event loop for that.

    ``unlock`` opens what is encrypted. Raises ``JournalError`` when the stream is not there.
    """

    def __init__(self, stream: RabbitStream, unlock: Unlock) -> None:
        self._stream = stream
        self._unlock = unlock
        self._runner = asyncio.Runner()
        try:
            self._run(stream.open())
            # Reading a queue would take its messages away.
            self._run(stream.check())
            self._last()
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<StreamReader {self._stream!r}>"

    def find(
        self, wanted: Filter, *, limit: int | None = None, after: str = "", oldest: bool = False
    ) -> Iterator[Record]:
        place = parse(after) if after else None
        if limit == 0:
            return iter(())
        if oldest:
            return islice(self._forwards(wanted, place), limit)
        return iter(self._backwards(wanted, place, limit))

    def get(self, id: str) -> list[Record]:  # noqa: A002 - the port's word
        wanted = Filter(ids=(id,))
        if _OWN_ID.fullmatch(id):
            # It says when it was made, so that is where to look first.
            made = int(id[:12], 16)
            near = msgspec.structs.replace(wanted, since=made - 60_000, until=made + 60_000)
            if found := list(self.find(near)):
                return found
        return list(self.find(wanted))

    def count(self, wanted: Filter) -> int:
        return sum(1 for _ in self._fitting(wanted))

    def stats(self, wanted: Filter) -> list[RouteStats]:
        return summing.of_records(self._fitting(wanted))

    def mark(self) -> str:
        last = self._last()
        return str(last.offset + 1 if last else 0)

    def news(self, mark: str, wanted: Filter) -> tuple[list[Record], str]:
        last = self._last()
        if last is None or last.offset < int(mark):
            return [], mark
        entries = self._page(int(mark), last.offset + 1)
        records = [one for entry in entries for one in self._records(entry) if wanted.fits(one)]
        return records, str(entries[-1].offset + 1) if entries else mark

    def close(self) -> None:
        try:
            self._runner.run(self._stream.close())
        finally:
            self._runner.close()

    def _forwards(self, wanted: Filter, after: Place | None) -> Iterator[Record]:
        """Give the oldest first: each as soon as nothing older can come."""
        waiting: list[tuple[Place, Record]] = []
        since = max(wanted.since or 0, after.started if after else 0)
        for entry in self._entries(since, _latest(wanted.until)):
            for record in filter(wanted.fits, self._records(entry)):
                place = parse(record.place)
                if after is None or place > after:
                    heapq.heappush(waiting, (place, record))
            while waiting and waiting[0][0].started < entry.moment * 1000 - LATEST:
                yield heapq.heappop(waiting)[1]
        while waiting:
            yield heapq.heappop(waiting)[1]

    def _backwards(self, wanted: Filter, after: Place | None, limit: int | None) -> list[Record]:
        """Give the newest first: of the last minute, and further back until there is enough."""
        until = min(wanted.until or now_ms() + LATEST, after.started + 1 if after else 2**62)
        spans = () if limit is None else _SPANS
        found: list[tuple[Place, Record]] = []
        for span in (*spans, None):
            since = max(wanted.since or 0, 0 if span is None else until - span)
            narrow = msgspec.structs.replace(wanted, since=since, until=until)
            found = [
                (place, record)
                for record in self._fitting(narrow)
                if after is None or parse(record.place) < after
                for place in (parse(record.place),)
            ]
            if len(found) >= (limit or 0) and span is not None:
                break
        found.sort(key=lambda pair: pair[0], reverse=True)
        return [record for _, record in found[:limit]]

    def _fitting(self, wanted: Filter) -> Iterator[Record]:
        """Give what fits, in the order of writing."""
        for entry in self._entries(wanted.since or 0, _latest(wanted.until)):
            yield from filter(wanted.fits, self._records(entry))

    def _entries(self, since: int, until: int | None) -> Iterator[Entry]:
        """Give the messages that were written from ``since`` to ``until``, Unix milliseconds."""
        last = self._last()
        if last is None or last.moment * 1000 + 1000 < since:
            return
        begin: Begin = since / 1000 if since else "first"
        while entries := self._page(begin, last.offset + 1):
            for entry in entries:
                if until is not None and entry.moment * 1000 > until:
                    return
                yield entry
            begin = entries[-1].offset + 1
            if begin > last.offset:
                return

    def _last(self) -> Entry | None:
        entries = self._run(self._stream.read("last", most=2**31))
        return entries[-1] if entries else None

    def _page(self, begin: Begin, end: int) -> list[Entry]:
        return self._run(self._stream.read(begin, most=_PAGE, end=end))

    def _records(self, entry: Entry) -> Iterator[Record]:
        for number, data in enumerate(batch.unpack(entry.body)):
            record = self._unlock(decode(data))
            place = Place(record.started, entry.offset * _WIDTH + number)
            msgspec.structs.force_setattr(record, "place", str(place))
            yield record

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(work)
        except Fault as fault:
            reason = fault.detail or fault.title
            if fault.code == "no_route":
                reason = "is not there: has a gateway run with it in its route file?"
            raise JournalError(f"journal stream:{self._stream.name}: {reason}") from fault


def _latest(until: int | None) -> int | None:
    return None if until is None else until + LATEST
