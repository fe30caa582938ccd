"""What commands print: colours on a terminal, plain text in a pipe, never wrapped.

Whether there are colours is rich's decision: a terminal has them, a pipe has
none, ``NO_COLOR`` (no-color.org) takes them away.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from ingress.problems import ConfigError, Problem

_GAP: Final = "  "
_VERDICTS: Final = {"ok": "green", "wrong": "bold red"}


def out() -> Console:
    """Make the console for what was asked for."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def err() -> Console:
    """Make the console for what went wrong."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=True)


def as_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can carry
    """Print JSON, indented, one document."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def table(
    console: Console,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    styles: Sequence[str] = (),
) -> None:
    """Print columns under headings; ``styles`` are those of the columns.

    The last column is as wide as it likes, so no line ends in spaces.
    """
    lines = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *lines, strict=True)]
    console.print(Text(_line(headings, widths), style="bold"))
    for line in lines:
        text = Text()
        for index, (cell, width) in enumerate(zip(line, widths, strict=True)):
            last = index == len(line) - 1
            style = styles[index] if index < len(styles) else ""
            text.append(cell if last else cell.ljust(width) + _GAP, style=style)
        text.rstrip()
        console.print(text)


def findings(console: Console, rows: Sequence[Sequence[str]]) -> None:
    """Print verdicts with what they are about; what to do stands below each."""
    wide = max(len(verdict) for verdict, *_ in rows)
    long = max(len(what) for _, what, *_ in rows)
    for verdict, what, detail, advice in rows:
        text = Text(verdict.ljust(wide), style=_VERDICTS.get(verdict, "yellow"))
        console.print(text.append(f"  {what.ljust(long)}  {detail}", style="not bold default"))
        if advice:
            console.print(Text(f"{' ' * (wide + long + 4)}-> {advice}", style="yellow"))


def complain(error: ConfigError) -> None:
    """Tell people what is wrong with the configuration, on stderr."""
    console = err()
    if not console.is_terminal:
        # The form that editors and CI make links of.
        typer.echo(str(error), err=True)
        return
    for problem in error.problems:
        _quote(console, problem)
    count = len(error.problems)
    console.print(Text(f"{count} problem{'s' if count > 1 else ''}", style="bold red"))


def _quote(console: Console, problem: Problem) -> None:
    head = Text(problem.place, style="bold")
    if problem.path:
        head.append(f"  {problem.path}", style="cyan")
    console.print(head)
    if problem.quote:
        number = str(problem.line)
        console.print(Text(f"  {number} | ", style="dim").append(problem.quote, style="not dim"))
        caret = " " * max(0, problem.column - 1) + "^"
        console.print(
            Text(f"  {' ' * len(number)} | ", style="dim").append(caret, style="bold red")
        )
    message = Text("  ").append(problem.message, style="red")
    if problem.hint:
        message.append(f" ({problem.hint})", style="yellow")
    console.print(message)
    console.print()


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()
