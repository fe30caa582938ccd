"""``queuegate plans``: usage plans, how much consumers may call."""

from pathlib import Path
from typing import Final

import typer

from ingress.cli import consumer_options as its
from ingress.cli import options

app = typer.Typer(
    help="Usage plans, how much consumers may call and which routes: list, set, remove.",
    no_args_is_help=True,
)

_DEFAULT: Final = Path("gateway.yaml")
_WHAT: Final = "usage-plans"


@app.command("list")
def list_plans(
    *, admin: its.Admin = None, config: options.Config = _DEFAULT, as_json: options.Json = False
) -> None:
    """List all usage plans."""
    # Imported late here and below, so that --help is quick.
    from ingress.cli import desk, known  # noqa: PLC0415

    known.plans(desk.Desk(config, admin).ask("GET", desk.path(_WHAT)), as_json=as_json)


@app.command()
def show(
    name: its.PlanName,
    *,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Show a usage plan. Exits 1 for none."""
    from ingress.cli import desk, known  # noqa: PLC0415

    known.one(desk.Desk(config, admin).ask("GET", desk.path(_WHAT, name)), as_json=as_json)


@app.command("set")
def change(  # noqa: PLR0913 - one parameter an option
    name: its.PlanName,
    *,
    rate: its.Rates = None,
    quota: its.Quotas = None,
    concurrent: its.Concurrent = None,
    route: its.Routes = None,
    description: its.Description = None,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Add a usage plan to the store, or change one; what is not said stays as it is."""
    from ingress.cli import desk, known  # noqa: PLC0415

    order = known.order(
        rates=rate, quotas=quota, concurrent=concurrent, routes=route, description=description
    )
    known.one(desk.Desk(config, admin).ask("PATCH", desk.path(_WHAT, name), order), as_json=as_json)


@app.command()
def remove(
    name: its.PlanName,
    *,
    yes: its.Yes = False,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Remove a usage plan that no consumer is on. Asks first, unless --yes."""
    from ingress.cli import desk, known  # noqa: PLC0415

    known.sure(f"Remove the usage plan {name}?", yes=yes)
    answer = desk.Desk(config, admin).ask("DELETE", desk.path(_WHAT, name))
    known.done(f"removed {name}", answer, as_json=as_json)
