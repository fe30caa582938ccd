"""``queuegate limits``: who has used what of a gateway's limits, and beginning anew."""

from typing import Annotated, Any, Final

import typer

from ingress.cli import options
from ingress.cli.admin_client import DEFAULT, Admin, ask, with_query

app = typer.Typer(
    help="Limits of a running gateway: who has used what, and beginning anew.",
    no_args_is_help=True,
)

_HEADINGS: Final = ("limit", "used", "of", "left", "more in", "key")


@app.command()
def show(
    limit: Annotated[
        str, typer.Argument(help="A limit or usage plan; without it all.", show_default=False)
    ] = "",
    *,
    key: Annotated[str, typer.Option("--key", help="Whose: an address, a consumer...")] = "",
    top: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    admin: Admin = DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Show who has used what, the fullest first."""
    from ingress.cli import screen  # noqa: PLC0415 - so that --help is quick

    told = ask(admin, "GET", with_query("/v1/limits", limit=limit, key=key, top=top))
    if as_json:
        screen.as_json(told["usage"])
        return
    rows = [_row(one["key"], window) for one in told["usage"] for window in one["windows"]]
    screen.table(screen.out(), _HEADINGS, rows)


@app.command()
def reset(
    limit: Annotated[str, typer.Argument(help="A limit or usage plan.", show_default=False)],
    key: Annotated[str, typer.Argument(help="Whose, as shown.", show_default=False)],
    *,
    admin: Admin = DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Let one key begin anew. Exits 1 when it had used nothing."""
    from ingress.cli import screen  # noqa: PLC0415

    told = ask(admin, "POST", "/v1/limits/reset", {"limit": limit, "key": key})
    if as_json:
        screen.as_json(told)
    elif told["reset"]:
        typer.echo(f"{key} begins anew under {limit}")
    else:
        typer.echo(f"queuegate: {key} has used nothing of {limit}", err=True)
    raise typer.Exit(0 if told["reset"] else 1)


def _row(key: str, window: dict[str, Any]) -> tuple[str, ...]:
    wait = f"{window['reset_s']:.0f}s" if window["reset_s"] else "-"
    figures = (str(window["used"]), str(window["calls"]), str(window["left"]))
    return (window["name"], *figures, wait, key)
