"""The results as text: what `python -m bench` prints."""

from collections.abc import Iterator, Sequence

from bench.record import Check, Line, Result, Spread

_MEGA = 1024 * 1024
_BODY = 11  # the column with the size of the body


def render(result: Result) -> str:
    """Render a result: the lines, what was invalid, the checks."""
    parts = [f"{result.suite}: {result.what}", *rows_of(columns(result))]
    invalid = [row for row in result.rows if not row.valid]
    if invalid:
        parts += ["", "invalid, and not counted:"]
        parts += [
            f"  {row.system}, {connections_of(row.connections)}, round {row.round}: "
            f"{'; '.join(row.problems)}"
            for row in invalid
        ]
    if result.checks:
        parts += ["", "must reach:", *rows_of(check_columns(result.checks))]
    return "\n".join(parts)


def columns(result: Result) -> list[list[str]]:
    """Return the table of a result, head first; columns without any figure are left out."""
    head = ["system", "conn", "requests/s", "p50 ms", "p99 ms"]
    head += ["edge us", "worker us", "broker us", "edge MB", "worker MB", "broker MB"]
    head += ["body", "KB a connection", f"{result.baseline} is faster"]
    table = [_cells(line) for line in result.lines]
    if len({line.extra.get("body") for line in result.lines}) == 1:
        # One size is what the suite says above the table.
        table = [[*row[:_BODY], "", *row[_BODY + 1 :]] for row in table]
    used = [index for index in range(len(head)) if any(cells[index] for cells in table)]
    return [[row[index] for index in used] for row in [head, *table]]


def connections_of(count: int) -> str:
    """Write ``1 connection``, ``64 connections``."""
    return f"{count:,} connection{'' if count == 1 else 's'}"


def check_columns(checks: Sequence[Check]) -> list[list[str]]:
    """Return the table of what must be reached, head first."""
    head = ["", "wanted", "median", "least to most", "met"]
    return [head, *(_check_cells(one) for one in checks)]


def rows_of(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align a table's columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [
            text.rjust(width) if index else text.ljust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cells(line: Line) -> list[str]:
    each = line.extra.get("bytes_per_connection")
    return [
        line.title,
        f"{line.connections:,}",
        f"{line.rps:,.0f}" if line.rps else "",
        f"{line.p50 / 1000:.2f}" if line.p50 else "",
        f"{line.p99 / 1000:.2f}" if line.p99 else "",
        *(_whole(part) for part in (line.cpu.edge, line.cpu.worker, line.cpu.broker)),
        *(
            _whole(part and part / _MEGA)
            for part in (line.memory.edge, line.memory.worker, line.memory.broker)
        ),
        f"{line.extra['body']:,.0f}" if "body" in line.extra else "",
        "" if each is None else f"{each / 1024:.1f}",
        _times(line.ratio),
    ]


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _times(ratio: Spread | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio.median:.2f} ({ratio.min:.2f} to {ratio.max:.2f})"


def _check_cells(check: Check) -> list[str]:
    found = check.measured
    figures = ("not measured", "") if found is None else _figures(found)
    return [check.what, check.wanted, *figures, "yes" if check.met else "NO"]


def _figures(found: Spread) -> tuple[str, str]:
    return f"{found.median:.2f}", f"{found.min:.2f} to {found.max:.2f}"
