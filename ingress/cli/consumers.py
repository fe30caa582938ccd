"""``queuegate consumers``: who is known, and what they may."""

from pathlib import Path
from typing import Any, Final

import typer

from ingress.cli import consumer_options as its
from ingress.cli import options

app = typer.Typer(
    help="Known consumers, of the route file and of the store: list, add, change, remove.",
    no_args_is_help=True,
)

_DEFAULT: Final = Path("gateway.yaml")
_WHAT: Final = "consumers"


@app.command("list")
def list_consumers(
    *, admin: its.Admin = None, config: options.Config = _DEFAULT, as_json: options.Json = False
) -> None:
    """List all consumers, with their plans, groups and how many keys they have."""
    # Imported late here and below, so that --help is quick.
    from ingress.cli import desk, known  # noqa: PLC0415

    known.consumers(desk.Desk(config, admin).ask("GET", desk.path(_WHAT)), as_json=as_json)


@app.command()
def show(
    name: its.Consumer,
    *,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Show a consumer with its keys. Exits 1 for none."""
    from ingress.cli import desk, known  # noqa: PLC0415

    known.one(desk.Desk(config, admin).ask("GET", desk.path(_WHAT, name)), as_json=as_json)


@app.command()
def add(  # noqa: PLR0913 - one parameter an option, here and below
    name: its.Consumer,
    *,
    group: its.Groups = None,
    scope: its.Scopes = None,
    role: its.Roles = None,
    plan: its.OnPlan = None,
    description: its.Description = None,
    password: its.Password = False,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Add a consumer to the store; `keys issue NAME` gives it a key."""
    from ingress.cli import desk, known  # noqa: PLC0415

    order = known.order(
        groups=group,
        scopes=scope,
        roles=role,
        plan=plan,
        description=description,
        name=name,
        password=known.password(wanted=password),
    )
    known.one(desk.Desk(config, admin).ask("POST", desk.path(_WHAT), order), as_json=as_json)


@app.command("set")
def change(  # noqa: PLR0913 - as above
    name: its.Consumer,
    *,
    group: its.Groups = None,
    scope: its.Scopes = None,
    role: its.Roles = None,
    plan: its.OnPlan = None,
    description: its.Description = None,
    password: its.Password = False,
    disabled: its.Disabled = None,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Change a consumer of the store; what is not said stays as it is."""
    from ingress.cli import desk, known  # noqa: PLC0415

    order = known.order(
        groups=group,
        scopes=scope,
        roles=role,
        plan=plan,
        description=description,
        disabled=disabled,
        password=known.password(wanted=password),
    )
    _something(order)
    known.one(desk.Desk(config, admin).ask("PATCH", desk.path(_WHAT, name), order), as_json=as_json)


@app.command("hash")
def hash_password() -> None:
    """Hash a password for `password:` in the route file: asks for it, or reads a line of stdin."""
    from ingress.cli import known  # noqa: PLC0415
    from ingress.consumers import passwords  # noqa: PLC0415

    try:
        typer.echo(passwords.make(known.password(wanted=True) or ""))
    except ValueError as error:
        typer.echo(f"queuegate: {error}", err=True)
        raise typer.Exit(2) from None


@app.command()
def remove(
    name: its.Consumer,
    *,
    yes: its.Yes = False,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Remove a consumer with all of its keys. Asks first; in a script --yes says so beforehand."""
    from ingress.cli import desk, known  # noqa: PLC0415

    known.sure(f"Remove {name} and its keys?", yes=yes)
    answer = desk.Desk(config, admin).ask("DELETE", desk.path(_WHAT, name))
    known.done(f"removed {name} and its keys ({len(answer['keys'])})", answer, as_json=as_json)


def _something(order: dict[str, Any]) -> None:
    if not order:
        typer.echo("queuegate: nothing to change was said; see --help", err=True)
        raise typer.Exit(2)
