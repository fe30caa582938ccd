"""How a comparison looks to people, and what it means for a script."""

from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from ingress.cli import screen
from ingress.compare.latency import Quantiles
from ingress.compare.page.page import page
from ingress.compare.page.plot import write
from ingress.compare.report import Finding, Report
from ingress.compare.rules import Rules
from ingress.preview import harmless

_SHOWN: Final = 50
_WIDE: Final = 60


def rules_of(
    ignore: list[str] | None,
    headers: list[str] | None,
    unordered: list[str] | None,
    tolerance: list[str] | None,
) -> Rules:
    """Make the rules that the options ask for, or exit with 2."""
    try:
        return Rules(
            ignore=ignore or (),
            headers=headers or (),
            unordered=unordered or (),
            tolerance=tolerance or (),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--ignore / --tolerance") from None


def write_page(report: Report, path: Path | None) -> None:
    """Write the page, where one was asked for."""
    if path is not None:
        path.write_text(page(report), encoding="utf-8")
        typer.echo(f"queuegate: the comparison is in {path}", err=True)


def exit_code(report: Report) -> int:
    """Give 1 for differences, and for answers that have no partner."""
    return 1 if report.findings or report.beyond or report.unmatched else 0


def told(console: Console, report: Report) -> None:
    """Print the findings, what happens most often first."""
    many = len(report.findings)
    head = f"{many} finding{'' if many == 1 else 's'}" if many else "no findings"
    text = Text(head, style="bold red" if many else "bold green")
    text.append(
        f" in {report.pairs} pairs: {report.same} the same, {report.different} different",
        style="not bold default",
    )
    console.print(text)
    if many:
        rows = [_row(one) for one in report.findings[:_SHOWN]]
        heads = ("COUNT", "OF", "ROUTE", "PATH", "KIND", "LEFT", "RIGHT", "EXAMPLE")
        screen.table(console, heads, rows, ("bold red", "", "cyan", "bold"))
    if many > _SHOWN:
        console.print(f"and {many - _SHOWN} more: --json or --html has them all")
    if report.beyond:
        console.print(f"{report.beyond} more differences were not told apart")
    if report.noise:
        places = ", ".join(sorted({f"{one.route} {one.path}" for one in report.noise})[:_SHOWN])
        console.print(Text(f"noise left out: {harmless(places)}", style="dim"))
    if report.unmatched:
        console.print(Text(f"{report.unmatched} answers have no partner", style="red"))
    for name, figures in zip((report.left, report.right), report.latency, strict=True):
        console.print(f"{name}: {_figures(figures)}")


def _row(finding: Finding) -> list[str]:
    example = finding.examples[0]
    return [
        str(finding.count),
        str(finding.total),
        harmless(finding.route),
        harmless(finding.path),
        harmless(finding.kind),
        _short(example.left),
        _short(example.right),
        harmless(example.id),
    ]


def _short(text: str) -> str:
    text = harmless(text) or "-"
    return text if len(text) <= _WIDE else text[: _WIDE - 1] + "…"


def _figures(one: Quantiles) -> str:
    return (
        f"p50 {write(one.p50)}, p95 {write(one.p95)}, p99 {write(one.p99)},"
        f" longest {write(one.longest)} of {one.count}"
    )
