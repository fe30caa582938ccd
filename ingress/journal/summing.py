"""Sums of many calls: counts, percentiles, a histogram."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from ingress.journal.reader import RouteStats
from ingress.journal.record import Record

_SERVER_ERROR: Final = 500
_US: Final = 1000


class Summing:
    """Adds up calls, of which only what is needed is kept: 8 bytes each."""

    def __init__(self) -> None:
        self._durations: dict[str, array[int]] = defaultdict(lambda: array("q"))
        self._statuses: dict[str, Counter[int]] = defaultdict(Counter)
        self._codes: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, route: str, status: int, code: str, durations: Iterable[int]) -> None:
        """Add calls of one route that ended alike; durations in microseconds."""
        kept = self._durations[route]
        before = len(kept)
        kept.extend(durations)
        count = len(kept) - before
        self._statuses[route][status] += count
        if code:
            self._codes[route][code] += count

    def results(self) -> list[RouteStats]:
        """Give the sums, the busiest route first."""
        found = [self._result(route) for route, kept in self._durations.items() if kept]
        return sorted(found, key=lambda one: (-one.count, one.route))

    def _result(self, route: str) -> RouteStats:
        durations = sorted(self._durations[route])
        statuses = self._statuses[route]
        return RouteStats(
            route=route,
            count=len(durations),
            errors=sum(many for status, many in statuses.items() if status >= _SERVER_ERROR),
            p50_us=percentile(durations, 50),
            p95_us=percentile(durations, 95),
            p99_us=percentile(durations, 99),
            slowest_us=durations[-1],
            statuses=dict(sorted(statuses.items())),
            faults=dict(self._codes[route].most_common()),
            histogram=tuple(_histogram(durations)),
        )


def of_records(records: Iterable[Record]) -> list[RouteStats]:
    """Sum up records, the busiest route first."""
    summing = Summing()
    for record in records:
        summing.add(record.route, record.status, record.code, (record.duration_us,))
    return summing.results()


def percentile(ordered: list[int], percent: int) -> int:
    """Give the smallest value that so many percent of the values do not exceed (nearest rank)."""
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def pace(duration_us: int) -> int:
    """Give the power of two of milliseconds that a duration stays below: 0 is below 1 ms."""
    return (duration_us // _US).bit_length()


def _histogram(ordered: list[int]) -> Iterator[int]:
    counts = Counter(map(pace, ordered))
    yield from (counts[number] for number in range(pace(ordered[-1]) + 1))
