"""``queuegate maintenance``: close a running gateway, a group or a route, and open it again."""

from typing import Annotated

import typer

from ingress.cli import options
from ingress.cli.admin_client import DEFAULT, Admin, ask

app = typer.Typer(
    help="Answer 503 for a while: for all of a running gateway, a group or a route.",
    no_args_is_help=True,
)

_PATH = "/v1/maintenance"
Scope = Annotated[
    list[str] | None,
    typer.Argument(help='What is meant: all, "group shop", or a route: "GET /v1/orders".'),
]


@app.command("list")
def list_closures(*, admin: Admin = DEFAULT, as_json: options.Json = False) -> None:
    """List what is closed, since when, and what clients are told."""
    from ingress.cli import screen  # noqa: PLC0415 - so that --help is quick
    from ingress.versions.moment import write  # noqa: PLC0415 - as above

    closed = ask(admin, "GET", _PATH)["closed"]
    if as_json:
        screen.as_json(closed)
    elif closed:
        rows = [
            [one["scope"], write(one["since"]), f"{one['retry_after']:g}s", one["detail"] or "-"]
            for one in closed
        ]
        screen.table(screen.out(), ["SCOPE", "SINCE", "RETRY AFTER", "DETAIL"], rows, ["cyan"])
    else:
        typer.echo("queuegate: nothing is closed", err=True)


@app.command()
def on(
    scope: Scope = None,
    *,
    retry_after: Annotated[
        str, typer.Option("--retry-after", help="When clients should come again.")
    ] = "60s",
    detail: Annotated[str, typer.Option("--detail", help="What clients are told.")] = "",
    admin: Admin = DEFAULT,
) -> None:
    """Close: from now on 503 with Retry-After, also after a restart if the gateway has a store."""
    order = {"scope": " ".join(scope or ["all"]), "retry_after": retry_after, "detail": detail}
    closed = ask(admin, "POST", _PATH, order)
    typer.echo(f"closed: {closed['scope']}", err=True)


@app.command()
def off(scope: Scope = None, *, admin: Admin = DEFAULT) -> None:
    """Open again. Exit code 1 if it was not closed."""
    opened = ask(admin, "DELETE", _PATH, {"scope": " ".join(scope or ["all"])})
    if not opened["was_closed"]:
        typer.echo(f"queuegate: {opened['scope']} was not closed", err=True)
        raise typer.Exit(1)
    typer.echo(f"open again: {opened['scope']}", err=True)
