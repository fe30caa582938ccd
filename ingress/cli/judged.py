"""How it looks which route takes a request, and why the others do not."""

from collections.abc import Iterable, Sequence

import typer
from rich.console import Console
from rich.text import Text

from ingress.pattern import METHODS
from ingress.plan import Plan
from ingress.routing.verdicts import Ruling, judge

# More than these are other paths that nobody would have mixed up.
_MOST = 8


def rule(plans: Sequence[Plan], words: str, host: str, headers: Iterable[str]) -> Ruling | None:
    """Judge the request that the words are; ``None`` if they are a route's name, or none.

    Raises ``BadParameter`` for a header that is none, and for headers without a request.
    """
    method, _, target = words.partition(" ")
    fields = [_field(header) for header in headers]
    if host:
        fields.insert(0, ("host", host))
    if method.upper() not in METHODS or not target.startswith("/"):
        if fields:
            raise typer.BadParameter("headers and a host belong to a request: GET /v1/orders")
        return None
    declared = sum(words == f"{plan.method} {plan.pattern}" for plan in plans)
    if not fields and (
        declared == 1 or any(words == plan.name and plan.when.asks for plan in plans)
    ):
        return None
    return judge(plans, method.upper(), target, tuple(fields))


def _field(header: str) -> tuple[str, str]:
    name, colon, value = header.partition(":")
    if not colon or not name.strip():
        raise typer.BadParameter(f'{header!r} is no header; write it as "x-beta: 1"')
    return name.strip().lower(), value.strip()


def show(console: Console, request: str, ruling: Ruling) -> None:
    """Print the routes in the order in which they are tried, and what becomes of it at each."""
    console.print(Text(request, style="bold"))
    near = [one for one in ruling.verdicts if one.path]
    shown = near or list(ruling.verdicts[:_MOST])
    for number, one in enumerate(shown, 1):
        style = "bold green" if one.takes else "dim"
        line = Text(f"  {number}. ").append(one.route, style="cyan" if one.takes else "")
        console.print(line.append(f"  {one.why}", style=style))
    rest = len(ruling.verdicts) - len(shown)
    if rest:
        console.print(Text(f"  and {rest} with other paths", style="dim"))
    if ruling.refused:
        console.print(Text(f"  none takes it: {ruling.refused}", style="red"))
