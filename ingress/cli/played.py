"""How runs look to people: what would be sent, what was sent, which there are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.text import Text

from ingress.cli import screen
from ingress.cli.lettered import age
from ingress.compare.page.plot import write
from ingress.preview import harmless
from ingress.replay.engine import Tally
from ingress.replay.item import REASONS
from ingress.replay.runs import Run, Runs, Send, State
from ingress.replay.survey import Survey

_ADVICE: Final = {
    "unsafe": "--unsafe sends them",
    "metadata": "record the route with `journal: full`, or --allow metadata",
    "cut": "raise the route's journal.max_body, or --allow cut",
    "redacted": "give the credentials with --set-header, or --allow redacted",
    "locked": "put the key into the route file's journal.keys",
}
_SHOWN: Final = 20
_SERVER_ERROR: Final = 500


def survey(console: Console, found: Survey, target: str) -> None:
    """Print what a run would do."""
    where = f" to {target}" if target else ""
    console.print(Text(f"{found.sendable} of {found.total} calls would be sent{where}", "bold"))
    if found.unsafe:
        console.print(f"{found.unsafe} change something and have no idempotency key")
    _counts(console, "ROUTE", found.routes)
    refusals(console, found.refused)
    for run, many in found.replayed.most_common():
        console.print(Text(f"{many} were sent there before, by run {run}", style="yellow"))


def refusals(console: Console, refused: Mapping[str, int]) -> None:
    """Print what is not sent and what to do about it."""
    for reason, many in refused.items():
        text = Text(f"{many} not sent: ", style="yellow")
        text.append(f"{REASONS[reason]}; {_ADVICE[reason]}", style="not bold default")
        console.print(text)


def tally(console: Console, found: Tally, run: str, target: str) -> None:
    """Print what became of a run."""
    good = not (found.failed or found.unknown or found.stopped)
    told = f"{found.answered} answered, {found.failed} failed"
    if found.before:
        told += f", {found.before} in an earlier part"
    if found.refused:
        told += f", {found.refused} not sent"
    text = Text(f"run {run}: ", style="bold").append(told, style="green" if good else "red")
    console.print(text.append(f" ({target})", style="not bold default"))
    figures = found.latency.quantiles()
    console.print(
        f"{found.seconds:.1f} s, {found.rate:.0f}/s; p50 {write(figures.p50)},"
        f" p95 {write(figures.p95)}, p99 {write(figures.p99)}"
    )
    statuses = ", ".join(f"{status} {many}" for status, many in sorted(found.statuses.items()))
    if statuses:
        console.print(f"statuses: {statuses}")
    for error, many in found.errors.most_common(_SHOWN):
        console.print(Text(f"{many} without an answer: {harmless(error)}", style="red"))
    if found.unknown:
        words = f"{found.unknown} were begun and may have run; they were not sent again"
        console.print(Text(words, style="yellow"))
    if found.stopped:
        console.print(Text(f"stopped: {harmless(found.stopped)}", style="yellow"))


def runs(console: Console, found: Sequence[tuple[Run, Mapping[State, int]]]) -> None:
    """Print one line a run."""
    rows = [
        [
            one.run,
            age(one.started),
            "done" if one.ended else "open",
            f"{states.get(State.ANSWERED, 0)}/{one.total}",
            str(states.get(State.UNKNOWN, 0) + states.get(State.BEGUN, 0)),
            harmless(one.target),
            harmless(one.source),
        ]
        for one, states in found
    ]
    heads = ("RUN", "AGE", "STATE", "ANSWERED", "UNKNOWN", "TARGET", "SOURCE")
    screen.table(console, heads, rows, ("bold", "", "", "", "red"))


def sends(console: Console, found: Iterable[Send]) -> None:
    """Print one line a call of a run."""
    rows = [
        [
            one.original,
            one.id or "-",
            one.state.name.lower(),
            f"{one.before.status or '-'} -> {one.after.status or '-'}",
            write(one.after.seconds) if one.after.status else harmless(one.after.error) or "-",
            harmless(one.what),
        ]
        for one in found
    ]
    screen.table(console, ("ORIGINAL", "NEW", "STATE", "STATUS", "TIME", "CALL"), rows, ("bold",))


def _counts(console: Console, heading: str, counts: Mapping[str, int]) -> None:
    most = sorted(counts.items(), key=lambda pair: -pair[1])
    rows = [[harmless(name), str(many)] for name, many in most[:_SHOWN]]
    if len(most) > _SHOWN:
        rows.append([f"and {len(most) - _SHOWN} more", ""])
    screen.table(console, (heading, "CALLS"), rows)


def summed(file: Runs, run: str) -> Counter[State]:
    """Count the calls of a run by how far they came."""
    return Counter(file.states(run).values())


def has_failed(send: Send) -> bool:
    """Tell whether a call is without an answer, or has a 5xx."""
    return send.state is not State.ANSWERED or send.after.status >= _SERVER_ERROR


def document(run: Run, states: Mapping[State, int]) -> dict[str, Any]:
    """Tell a run as plain values, for JSON."""
    told = msgspec.structs.asdict(run)
    return told | {"states": {state.name.lower(): many for state, many in states.items()}}


def call_document(send: Send) -> dict[str, Any]:
    """Tell a call of a run as plain values, without the bodies."""
    return {
        "original": send.original,
        "id": send.id,
        "state": send.state.name.lower(),
        "route": send.route,
        "call": send.what,
        "at": send.at,
        "status": [send.before.status, send.after.status],
        "code": send.after.code,
        "error": send.after.error,
        "seconds": send.after.seconds,
    }
