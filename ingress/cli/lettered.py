"""How dead letters look to people, and how the work on them is followed."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from contracts.dead_letter import Letter
from contracts.deadline import now_ms
from ingress.cli import screen
from ingress.dlq import Order, Survey, Tally
from ingress.letters import document
from ingress.preview import harmless, preview

_COLUMNS: Final = ("DIED", "TIMES", "REASON", "OPERATION", "ID", "BODY")
_STYLES: Final = ("", "", "red", "cyan", "bold", "dim")
_AGES: Final = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_SHORT: Final = 60


def surveys(console: Console, found: Sequence[tuple[str, Survey | None]]) -> None:
    """Print one line a queue; a queue that is not there never had a worker."""
    rows = []
    for queue, one in found:
        if one is None:
            rows.append([queue, "-", "", "", "not there: no worker has made it"])
            continue
        more = f" (of the first {one.looked})" if one.looked < one.messages else ""
        reasons = ", ".join(f"{harmless(reason)} {many}" for reason, many in one.reasons.items())
        rows.append([queue, str(one.messages), age(one.oldest), age(one.newest), reasons + more])
    screen.table(
        console, ("QUEUE", "LETTERS", "OLDEST", "NEWEST", "REASONS"), rows, ("bold", "red")
    )


def table(console: Console, letters: Sequence[Letter]) -> None:
    """Print one line a letter."""
    rows = [
        [
            age(letter.last.at),
            str(letter.count),
            harmless(letter.last.reason),
            harmless(letter.operation) or "-",
            harmless(letter.id),
            preview(letter.message, _SHORT),
        ]
        for letter in letters
    ]
    screen.table(console, _COLUMNS, rows, _STYLES)


def details(console: Console, letter: Letter, most: int) -> None:
    """Print all that there is to say of one letter."""
    told = document(letter, most)
    console.print(Text(harmless(told.pop("id")), style="bold"))
    deaths = told.pop("history")
    for name in ("at", "reason", "detail", "queue"):
        del told[name]
    for name, value in told.items():
        if value not in ("", {}):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            _pair(console, name.replace("_", " "), text)
    for death in deaths:
        when = f"{age(death['at'])} ago" if death["at"] else "at an unknown time"
        words = f"{when} in {death['queue'] or '?'}: {death['reason']}"
        _pair(console, "died", f"{words}: {death['detail']}" if death["detail"] else words)


def age(moment: int) -> str:
    """Tell how long ago a moment in Unix milliseconds is: ``3m``, ``2h``, ``5d``."""
    if not moment:
        return "?"
    seconds = max(0, now_ms() - moment) // 1000
    for size, unit in _AGES:
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return "0s"


class Follow:
    """Tells how an order goes: a bar on a terminal, a line a letter in a pipe, JSON at the end."""

    def __init__(self, past: str, *, as_json: bool) -> None:
        self._past = past
        self._json = as_json
        self._lines = not (as_json or sys.stdout.isatty())
        self._progress: Progress | None = None
        if sys.stderr.isatty() and not as_json:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._progress = Progress(*columns, console=screen.err(), transient=True)
        self._task = TaskID(0)

    def __enter__(self) -> Callable[[Tally, Letter, str, str], None]:
        self._bar.__enter__()
        if self._progress is not None:
            self._task = self._progress.add_task(self._past, total=None)
        return self._step

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(None, None, None)

    @property
    def _bar(self) -> AbstractContextManager[Any]:
        return nullcontext() if self._progress is None else self._progress

    def _step(self, tally: Tally, letter: Letter, target: str, why: str) -> None:
        if self._progress is not None:
            self._progress.update(self._task, total=tally.total, completed=tally.looked)
        if self._lines:
            word, rest = ("failed", why) if why else (self._past, f"-> {target}" if target else "")
            typer.echo(harmless(f"{word} {letter.id} {rest}".rstrip()))
        elif why and not self._json:
            typer.echo(harmless(f"failed {letter.id} {why}"), err=True)

    def conclude(self, queue: str, order: Order, tally: Tally) -> None:
        """Tell what became of it."""
        if self._json:
            screen.as_json({"queue": queue, "dry_run": order.dry_run, **tally.as_dict()})
            return
        # Not among the lines that a pipe counts.
        typer.echo(harmless(summary(self._past, queue, order, tally)), err=self._lines)


def summary(past: str, queue: str, order: Order, tally: Tally) -> str:
    """Say in a sentence what became of an order."""
    if not tally.total:
        return f"no dead letters in {queue}"
    letters = f"{tally.total} dead letters of {queue}"
    end = f"; stopped: {tally.stopped}" if tally.stopped else ""
    if not tally.fitting:
        return f"none of the {letters} fits {order.filter}{end}"
    if order.dry_run:
        return f"would have {past} {tally.fitting} of the {letters}{end}"
    failed = f", {tally.failed} failed and stay" if tally.failed else ""
    return f"{past} {tally.done} of the {letters}{failed}{end}"


def _pair(console: Console, name: str, value: str) -> None:
    console.print(Text(f"  {name:<15} ", style="dim").append(harmless(value), style="not dim"))
