"""How records of the journal look to people."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.text import Text

from contracts.brokers.port import Message
from ingress.cli import screen
from ingress.journal.reader import RouteStats
from ingress.journal.record import Pairs, Record
from ingress.preview import harmless, preview

_COLUMNS: Final = ("TIME", "STATUS", "TOOK", "REQUEST", "WHY", "WHO", "ID")
_STATS: Final = ("ROUTE", "CALLS", "ERRORS", "P50", "P95", "P99", "SLOWEST", "HOW FAST")
_BARS: Final = " ▁▂▃▄▅▆▇█"
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_US: Final = 1000


def table(console: Console, records: Sequence[Record]) -> None:
    """Print one line a record under headings."""
    rows = [_cells(record) for record in records]
    screen.table(console, _COLUMNS, rows, ("", "", "", "bold", "red", "cyan", "dim"))


def line(console: Console, record: Record) -> None:
    """Print one record in a line, for what comes one by one."""
    time, status, took, request, why, who, name = _cells(record)
    text = Text(f"{time}  ")
    text.append(status, style=_style(record.status)).append(f"  {took.rjust(8)}  ")
    text.append(request, style="bold").append(f"  {why}".rstrip(), style="red")
    text.append(f"  {who}  ", style="cyan").append(name, style="dim")
    console.print(text)


def details(console: Console, record: Record, most: int) -> None:
    """Print all that there is to say of one record; ``most`` characters of each body."""
    console.print(Text(harmless(f"{record.method} {record.target}"), style="bold"))
    split = (
        f"gateway {milliseconds(record.gateway_us)}, queue {milliseconds(record.queue_us)}, "
        f"worker {milliseconds(record.worker_us)}, pauses {milliseconds(record.paused_us)}"
    )
    told = (
        ("id", record.id),
        ("time", datetime.fromtimestamp(record.started / 1000).astimezone().isoformat(" ")),
        ("status", f"{record.status} {record.code}".strip()),
        ("took", f"{milliseconds(record.duration_us)} ({split})"),
        ("route", record.route),
        ("operation", record.operation),
        ("attempts", str(record.attempts)),
        ("answered by", record.answered_by),
        ("caller", record.caller),
        ("client", record.client),
        ("bytes", f"{record.bytes_in} in, {record.bytes_out} out"),
        ("replay of", f"{record.replay_of} in run {record.run}" if record.replay_of else ""),
        ("cut", ", ".join(record.cut)),
        ("redacted", ", ".join(record.redacted)),
    )
    for name, value in told:
        if value:
            _pair(console, name, value)
    if record.locked:
        _pair(console, "content", f"encrypted with the key {record.key}, which was not given")
    elif record.level == "full":
        content = record.open
        _side(console, "request", content.request_headers, content.request_body, most)
        _side(console, "answer", content.reply_headers, content.reply_body, most)
    else:
        _pair(console, "content", "not recorded: the route's journal is at level metadata")


def stats(console: Console, sums: Sequence[RouteStats]) -> None:
    """Print one line a route, with a small picture of how fast its calls were."""
    widest = max((len(one.histogram) for one in sums), default=0)
    rows = [
        [
            harmless(one.route),
            str(one.count),
            f"{100 * one.errors / one.count:.1f}%" if one.errors else "0%",
            milliseconds(one.p50_us),
            milliseconds(one.p95_us),
            milliseconds(one.p99_us),
            milliseconds(one.slowest_us),
            _picture(one.histogram, widest),
        ]
        for one in sums
    ]
    screen.table(console, _STATS, rows, ("bold", "", "red"))
    faults = [f"{one.route}: {_counts(one.faults)}" for one in sums if one.faults]
    if faults:
        console.print()
        for text in faults:
            console.print(Text(harmless(text), style="dim"))
    if widest:
        console.print()
        scale = f"HOW FAST: from below 1 ms, twice as long each step, to {2 ** (widest - 1)} ms"
        console.print(Text(scale, style="dim"))


def milliseconds(micros: int) -> str:
    """Write a duration so that its size is seen at once: ``0.8ms``, ``12ms``, ``2.35s``."""
    if micros < 10 * _US:
        return f"{micros / _US:.1f}ms"
    if micros < _US * _US:
        return f"{micros // _US}ms"
    return f"{micros / _US / _US:.2f}s"


def _cells(record: Record) -> list[str]:
    return [
        _time(record.started),
        str(record.status),
        milliseconds(record.duration_us),
        harmless(f"{record.method} {record.target}"),
        harmless(record.code),
        harmless(record.asker),
        harmless(record.id),
    ]


def _time(unix_ms: int) -> str:
    moment = datetime.fromtimestamp(unix_ms / 1000).astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S}.{unix_ms % 1000:03}"


def _style(status: int) -> str:
    if status >= _SERVER_ERROR:
        return "bold red"
    return "yellow" if status >= _CLIENT_ERROR else "green"


def _picture(histogram: Iterable[int], widest: int) -> str:
    counts = [*histogram]
    most = max(counts)
    # What is there at all is seen, however small.
    bars = [_BARS[-(-count * (len(_BARS) - 1) // most)] for count in counts]
    return "".join(bars).ljust(widest)


def _counts(faults: dict[str, int]) -> str:
    return ", ".join(f"{code} {count}" for code, count in faults.items())


def _side(console: Console, name: str, headers: Pairs, body: bytes, most: int) -> None:
    console.print(Text(f"  {name}", style="bold"))
    for key, value in headers:
        _pair(console, f"  {key}", value)
    kind = next((value for key, value in headers if key == "content-type"), "")
    if body:
        console.print(Text("    " + preview(Message(body=body, content_type=kind), most)))


def _pair(console: Console, name: str, value: str) -> None:
    console.print(Text(f"  {name:<15} ", style="dim").append(harmless(value), style="not dim"))
