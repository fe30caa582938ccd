"""``queuegate routes explain --as``: who may call what, and why not."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from ingress import explain
from ingress.authz.outlook import Outlook, outlook
from ingress.authz.stand_in import StandIn
from ingress.cli import screen
from ingress.plan import Plan
from ingress.problems import did_you_mean
from ingress.protection import networks
from ingress.routefile import RouteFile

_STYLES: Final = {"yes": "green", "no": "bold red", "depends": "yellow"}


class Asked(NamedTuple):
    """Who is meant, from which address, and how it is to be told."""

    caller: str
    address: str = ""
    as_json: bool = False


def show(route_file: RouteFile, plans: Sequence[Plan], words: str, asked: Asked) -> None:
    """Print what the routes say of a caller: those that ``words`` name, or all.

    Exits with 1 when there is no such route, and with 2 when there is no such caller.
    """
    places = explain.find(plans, words) if words else range(len(plans))
    if not places:
        hint = did_you_mean(words, [plan.name for plan in plans])
        known = hint or "`queuegate routes list` shows what there is"
        typer.echo(f"queuegate: no route is or takes {words!r} ({known})", err=True)
        raise typer.Exit(1)
    if asked.address and networks.read(asked.address) is None:
        raise typer.BadParameter(f"{asked.address!r} is no address")
    try:
        who = StandIn(asked.caller, route_file)
    except (LookupError, ValueError) as error:
        typer.echo(f"queuegate: {error.args[0]}", err=True)
        raise typer.Exit(2) from None
    found = [
        outlook(route_file, place, plans[place].name, who, asked.address or None)
        for place in places
    ]
    if asked.as_json:
        screen.as_json(found)
        return
    _print(screen.out(), found, asked.caller)


def _print(console: Console, found: Sequence[Outlook], who: str) -> None:
    console.print(Text(f"What {who} may call", style="bold"))
    console.print()
    wide = max(len(one.route) for one in found)
    for one in found:
        line = Text(f"  {one.may:8}", style=_STYLES[one.may])
        line.append(f"{one.route.ljust(wide)}", style="cyan")
        if one.may != "yes":
            status = f"{one.status}: " if one.status else "on "
            line.append(f"  {status}{'; '.join(one.why)}", style="default")
        line.rstrip()
        console.print(line)
    asks = [one for one in found if one.line]
    if len(found) == 1 and asks:
        console.print()
        console.print(Text(f"The rules, in line {asks[0].line}; one is enough", style="bold"))
        for rule in asks[0].rules:
            console.print(f"  - {rule}")
