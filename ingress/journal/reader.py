"""The port to a journal that is read: the same for every store."""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from ingress.journal.filter import Filter
from ingress.journal.record import Record


class RouteStats(msgspec.Struct, frozen=True, kw_only=True):
    """What a route did. Durations are in microseconds.

    ``errors`` are answers from 500 up, ``faults`` how often each fault's code came. ``histogram``
    counts by powers of two of milliseconds: the first is below 1 ms, the next below 2, 4, 8...
    """

    route: str
    count: int
    errors: int
    p50_us: int
    p95_us: int
    p99_us: int
    slowest_us: int
    statuses: dict[int, int]
    faults: dict[str, int]
    histogram: tuple[int, ...]


class Reader(Protocol):
    """Reads a journal. Each method raises ``JournalError`` when that cannot be done."""

    def find(
        self, wanted: Filter, *, limit: int | None = None, after: str = "", oldest: bool = False
    ) -> Iterator[Record]:
        """Give the records that are meant, by the time they started: the newest first.

        ``oldest`` turns the order round. ``after`` is the ``place`` of a record given before, to go
        on behind it. Nothing is held open between two records, so an iterator may take hours; what
        is written meanwhile may or may not be seen.
        """
        ...

    def get(self, id: str) -> list[Record]:  # noqa: A002 - the word of the record
        """Give the records with a request id, the newest first; empty when there is none."""
        ...

    def count(self, wanted: Filter) -> int:
        """Count the records that are meant."""
        ...

    def stats(self, wanted: Filter) -> list[RouteStats]:
        """Sum up the records that are meant, the busiest route first."""
        ...

    def mark(self) -> str:
        """Say where the journal ends now, for :meth:`news`."""
        ...

    def news(self, mark: str, wanted: Filter) -> tuple[list[Record], str]:
        """Give what was written since a mark, in the order of writing, and the new mark.

        Never waits; at most some hundred records come at once.
        """
        ...

    def close(self) -> None:
        """Leave."""
        ...
