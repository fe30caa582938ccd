"""Writes docs/performance.md from ``latest.json``: no figure in it comes from anywhere else."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench import book, hops
from bench.hops import Floor
from bench.places import ROOT
from bench.record import Book, Result
from bench.table import check_columns, columns

_PAGE: Final = ROOT / "docs" / "performance.md"
_CHART: Final = "performance.svg"

_HEAD: Final = """\
# Performance

*Written by `python -m bench report` from the results of `make bench`: change the benchmark, not
this page.*

Every system gets the same work on the same machine, in turn, several rounds, each round in another
order: wrk posts 90 bytes of JSON to `/echo`, an edge process sends them over RabbitMQ to a worker
process, and the answer comes back. One edge and one worker each. queuegate has everything on that a
default route has: breaker, retry, deadline, request id, a log line a request (to a file), metrics.
The peers are tuned as their experts would; `bench/peers` has each of them, with its tuning.
"""

_FOOT: Final = """\
## How to read it

- **Ratios before figures.** A ratio is taken within a round, in which both shared the same minutes
  of the machine; the spread over the rounds stands beside its median.
- **CPU** is the time of a process and its children (`/proc/PID/stat`) over the requests answered.
  Under full load RabbitMQ's scheduler threads spin while they wait, which counts as theirs.
- **Memory** is the sum of the peaks (`VmHWM`) since the system was started.
- wrk runs on the same machine and takes its share of it. It waits for each answer before it asks
  again, so its percentiles say nothing of a load that does not wait.
- A row with an answer that is not 2xx or 3xx, a socket error or a timeout counts for nothing.

## Reproduce it

```sh
make bench                            # the peers: 1, 16, 64 and 256 connections
make bench SUITE=policies             # and: routes, bodies, workers, idle, rpc, scaling, overload
make bench ARGS="--check"             # exit 1 when a goal is not reached
make bench ARGS="--rounds 5 --seconds 10 --only nestjs --connections 64"
.venv/bin/python -m bench report      # write this page
```

It needs Linux, Python and Node with npm; it installs the peers into `bench/.work` from their lock
files, wrk and RabbitMQ with apt-get where it is root, and writes `bench/out/latest.json` with a
chart as SVG and PNG.
"""

_FLOOR: Final = """\
### One call at a time

With one connection nothing is ever busy, and most of the time is what it takes to wake each
process in turn. A client of nothing but a blocking socket has its message back from RabbitMQ after
{crossing:.3f} ms, and an echo over TCP takes {echo:.3f} ms (`python -m bench.hops`, medians). A
call crosses the broker twice and the client's connection once, so **{call:.3f} ms is what no
gateway can be faster than** on that machine, in whatever language, before it has read the first
byte. A goal below that cannot be reached.
"""

_SUITES: Final[Mapping[str, str]] = {
    "peers": "Against its peers",
    "policies": "What each policy costs",
    "journal": "What the journal costs",
    "routes": "Many routes",
    "bodies": "Large bodies",
    "workers": "More workers",
    "idle": "Idle connections",
    "rpc": "Without HTTP",
}


def write(out: Path, page: Path = _PAGE) -> int:
    """Write the page, and the chart beside it; returns the exit code."""
    found = book.read(out / "latest.json")
    chart = out / "peers.svg"
    has_chart = "peers" in found.suites and chart.exists()
    if has_chart:
        shutil.copyfile(chart, page.with_name(_CHART))
    page.write_text(render(found, chart=has_chart, floor=hops.read(out)))
    return 0


def render(found: Book, *, chart: bool, floor: Floor | None = None) -> str:
    """Render the page; a suite that was not run says so."""
    parts = [_HEAD]
    for name, title in _SUITES.items():
        result = found.suites.get(name)
        parts.append(f"## {title}\n")
        if result is None:
            command = f"make bench SUITE={name}" if name != "peers" else "make bench"
            parts.append(f"Not measured yet: `{command}`.\n")
            continue
        parts.append("\n".join(_section(result, chart=chart and name == "peers")))
        if name == "peers" and floor is not None:
            parts.append(_FLOOR.format(echo=floor.echo, crossing=floor.crossing, call=floor.call))
    parts.append(_FOOT)
    return "\n".join(parts)


def _section(result: Result, *, chart: bool) -> Iterator[str]:
    yield f"{result.what[:1].upper()}{result.what[1:]}.\n"
    if chart:
        yield f"![Requests a second, and CPU time a request]({_CHART})\n"
    yield from _table(columns(result))
    invalid = sum(not row.valid for row in result.rows)
    if invalid:
        yield f"\n{invalid} of {len(result.rows)} measurements were invalid and are not counted."
    if result.checks:
        yield "\n### Must reach\n"
        yield from _table(check_columns(result.checks))
    yield f"\n{_origin(result)}\n"


def _table(table: Sequence[Sequence[str]]) -> Iterator[str]:
    head, *rows = table
    yield f"| {' | '.join(head)} |"
    yield f"| --- |{' ---: |' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _origin(result: Result) -> str:
    on = result.machine
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    return (
        f"Measured {result.began} at commit {result.commit} on {on['processor']}, "
        f"{on['cores']} cores, {on['memory']}, {on['system']}, load {on['load_before']} before it "
        f"began; medians of {result.rounds} rounds of {result.seconds:g} s. {versions}."
    )
