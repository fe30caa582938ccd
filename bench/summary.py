"""From rows to lines: medians over the rounds, and the ratio to the baseline with its spread."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from bench.record import Line, Parts, Row, Spread
from bench.suite import Suite

Figure = Callable[[Row], float | None]
Key = tuple[str, int, int]


def key_of(row: Row) -> Key:
    """Return what the rows of one line have in common: system, connections, size of the body."""
    return row.system, row.connections, int(row.extra.get("body", 0))


def lines(suite: Suite, rows: Sequence[Row]) -> list[Line]:
    """Sum up the valid rows, in the order in which they were first measured."""
    found = []
    for key in dict.fromkeys(key_of(row) for row in sorted(rows, key=lambda row: row.round)):
        mine = [row for row in rows if key_of(row) == key and row.valid]
        if mine:
            found.append(_line(suite, mine, rows))
    order = list(suite.titles)
    return sorted(
        found,
        key=lambda line: (order.index(line.system), line.extra.get("body", 0), line.connections),
    )


def _line(suite: Suite, mine: Sequence[Row], rows: Sequence[Row]) -> Line:
    first = mine[0]
    against = [row for row in rows if (suite.baseline, *key_of(first)[1:]) == key_of(row)]
    others = first.system != suite.baseline
    return Line(
        system=first.system,
        title=suite.titles[first.system],
        connections=first.connections,
        rounds=len(mine),
        rps=median(row.rps for row in mine),
        p50=median(row.p50 for row in mine),
        p99=median(row.p99 for row in mine),
        cpu=_parts(mine, lambda row: row.cpu),
        memory=_parts(mine, lambda row: row.memory),
        extra={
            key: median(row.extra[key] for row in mine if key in row.extra) for key in first.extra
        },
        ratio=over(against, mine, lambda row: row.rps) if others else None,
    )


def over(upper: Sequence[Row], lower: Sequence[Row], figure: Figure) -> Spread | None:
    """Divide a figure of one system by another's, round by round; ``None`` without a common round.

    Only rounds in which both are valid count: they shared the same minute of the machine.
    """
    below = {row.round: figure(row) for row in lower if row.valid}
    ratios = []
    for row in upper:
        above, under = figure(row), below.get(row.round)
        if row.valid and above is not None and under:
            ratios.append(above / under)
    return spread(ratios)


def spread(values: Sequence[float]) -> Spread | None:
    """Return least, median and most; ``None`` for no values."""
    return Spread(min(values), median(values), max(values)) if values else None


def _parts(rows: Sequence[Row], of: Callable[[Row], Parts]) -> Parts:
    return Parts(
        edge=_median(of(row).edge for row in rows),
        worker=_median(of(row).worker for row in rows),
        broker=_median(of(row).broker for row in rows),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
