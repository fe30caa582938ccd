"""How consumers, keys and usage plans look to people, and what is asked of them."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from rich.text import Text

from ingress.cli import screen
from ingress.preview import harmless

Document = dict[str, Any]


def order(**said: object) -> Document:
    """Make an order of the options that were given; ``--group ''`` takes all groups away."""
    return {
        name: [word for word in value if word] if isinstance(value, list) else value
        for name, value in said.items()
        if value is not None
    }


def sure(question: str, *, yes: bool) -> None:
    """Ask, and end the command unless the answer is yes; without a terminal --yes is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        typer.echo("queuegate: say --yes, for nobody can be asked here", err=True)
        raise typer.Exit(2)
    if not typer.confirm(question, err=True):
        typer.echo("nothing was done", err=True)
        raise typer.Exit(1)


def password(*, wanted: bool) -> str | None:
    """Ask for a password twice; without a terminal read a line. Never from the command line."""
    if not wanted:
        return None
    if sys.stdin.isatty():
        asked = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return str(asked)
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        typer.echo("queuegate: no password came on stdin", err=True)
        raise typer.Exit(2)
    return line


def done(sentence: str, answer: Document, *, as_json: bool) -> None:
    """Say what was done."""
    if as_json:
        screen.as_json(answer)
    else:
        typer.echo(harmless(sentence))


def issued(made: Document, *, as_json: bool) -> None:
    """Print a new key alone on stdout, so that it can be piped, and the rest beside it."""
    if as_json:
        screen.as_json(made)
        return
    typer.echo(made["key"])
    until = f", until {made['expires']}" if made["expires"] else ""
    typer.echo(harmless(f"key {made['id']} of {made['consumer']}{until}"), err=True)
    if "overlap_until" in made:
        typer.echo(f"key {made['replaces']} is good until {made['overlap_until']}", err=True)
    typer.echo("keep it now: it cannot be shown again", err=True)


def consumers(found: Sequence[Document], *, as_json: bool) -> None:
    """Print one line a consumer."""
    rows = [
        [
            one["name"],
            one["plan"] or "-",
            ", ".join(one["groups"]) or "-",
            str(one["keys"]),
            one["origin"],
            "disabled" if one["disabled"] else one["description"],
        ]
        for one in found
    ]
    _table(found, rows, ("CONSUMER", "PLAN", "GROUPS", "KEYS", "IN", ""), as_json=as_json)


def keys(found: Sequence[Document], *, as_json: bool) -> None:
    """Print one line a key."""
    rows = [
        [
            one["id"],
            one["consumer"],
            one["state"],
            one["expires"] or "never",
            one["last_used"] or "never",
            one["origin"],
            one["label"],
        ]
        for one in found
    ]
    columns = ("ID", "CONSUMER", "STATE", "EXPIRES", "LAST USED", "IN", "LABEL")
    _table(found, rows, columns, as_json=as_json)


def plans(found: Sequence[Document], *, as_json: bool) -> None:
    """Print one line a usage plan."""
    rows = [
        [
            one["name"],
            ", ".join(one["rates"]) or "-",
            ", ".join(one["quotas"]) or "-",
            str(one["concurrent"] or "-"),
            ", ".join(one["routes"]) or "all",
            one["origin"],
        ]
        for one in found
    ]
    columns = ("PLAN", "RATES", "QUOTAS", "AT A TIME", "ROUTES", "IN")
    _table(found, rows, columns, as_json=as_json)


def one(document: Document, *, as_json: bool) -> None:
    """Print all that there is to say of one."""
    if as_json:
        screen.as_json(document)
        return
    console = screen.out()
    rest = dict(document)
    console.print(Text(harmless(str(rest.pop("name"))), style="bold"))
    held = rest.pop("keys", 0)
    for name, value in rest.items():
        if value not in ("", [], False, None, 0):
            text = ", ".join(value) if isinstance(value, list) else str(value)
            console.print(Text(f"  {name:<12} ", style="dim").append(harmless(text)))
    if isinstance(held, list) and held:
        keys(held, as_json=False)


def _table(
    found: Sequence[Document], rows: list[list[str]], columns: Sequence[str], *, as_json: bool
) -> None:
    if as_json:
        screen.as_json(list(found))
    elif rows:
        safe = [[harmless(cell) for cell in row] for row in rows]
        screen.table(screen.out(), columns, safe, ("bold",))
    else:
        typer.echo("none", err=True)
