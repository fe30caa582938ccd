"""``queuegate admin``: what one needs to use the admin port."""

from pathlib import Path
from typing import Annotated, Final

import typer

from ingress.cli import options

app = typer.Typer(help="The admin port: the token that it wants.", no_args_is_help=True)

_DEFAULT: Final = Path("gateway.yaml")


@app.callback()
def _commands() -> None:
    """Keep `token` a command, as there is no other."""


@app.command()
def token(
    *,
    where: Annotated[
        bool, typer.Option("--where", help="Print the path of the file that it is in instead.")
    ] = False,
    config: options.Config = _DEFAULT,
) -> None:
    """Print the admin port's token: curl -H "authorization: Bearer $(queuegate admin token)" ...

    The route file's, or the one that a gateway of this user made up.
    """
    # Imported late, so that --help is quick.
    from ingress import admin_token  # noqa: PLC0415
    from ingress.admin_sections import OFF  # noqa: PLC0415
    from ingress.cli import client  # noqa: PLC0415

    routes = client.read_routes(config, needed=False)
    said = routes.admin.token if routes else None
    path = admin_token.place()
    if where:
        typer.echo(path)
        return
    if said == OFF:
        typer.echo("queuegate: this route file wants none: `admin.token: off`", err=True)
        raise typer.Exit(1)
    found = said or admin_token.read(path)
    if not found:
        typer.echo(f"queuegate: none in {path}: a gateway makes it when it starts", err=True)
        raise typer.Exit(1)
    typer.echo(found)
