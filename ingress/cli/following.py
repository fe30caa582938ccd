"""How a run is followed while it goes: a bar on a terminal, a line now and then elsewhere."""

import asyncio
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ingress.replay.engine import Tally

_FRAME: Final = 0.1
_LINE: Final = 5.0


async def follow(tally: Tally, console: Console, *, quiet: bool) -> None:
    """Tell how it goes until cancelled; on stderr, so that stdout is the result's alone.

    ``quiet`` tells nothing where no terminal shows it.
    """
    with suppress(asyncio.CancelledError):
        if console.is_terminal:
            await _bar(tally, console)
        elif not quiet:
            await _lines(tally, console)


def line(tally: Tally) -> str:
    """Tell in a line how a run goes."""
    words = [f"{tally.passed} of {tally.total}", f"{tally.rate:.0f}/s", f"{tally.failed} failed"]
    left = tally.total - tally.passed
    if left and tally.rate:
        words.append(f"about {left / tally.rate:.0f} s left")
    return ", ".join(words)


async def _lines(tally: Tally, console: Console) -> None:
    while True:
        await asyncio.sleep(_LINE)
        console.print(line(tally))


async def _bar(tally: Tally, console: Console) -> None:
    columns = (
        TextColumn("[bold]replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}/s"),
        TextColumn("[red]{task.fields[failed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=tally.total or None, rate="0", failed="")
        while True:
            failed = f"{tally.failed} failed" if tally.failed else ""
            progress.update(task, completed=tally.passed, rate=f"{tally.rate:.0f}", failed=failed)
            await asyncio.sleep(_FRAME)
