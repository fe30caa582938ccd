"""``queuegate callers``: the keys by which workers know that a gateway speaks for a caller."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Make the keys that sign who is calling, and the public halves for workers.",
    no_args_is_help=True,
)


@app.command()
def keygen(
    *,
    hmac: Annotated[
        bool,
        typer.Option(
            "--hmac", help="One secret for gateway and workers instead of an Ed25519 pair: faster."
        ),
    ] = False,
    key_id: Annotated[
        str, typer.Option("--kid", help="Its name; the moment of its making when left out.")
    ] = "",
    add_to: Annotated[
        Path | None,
        typer.Option(
            "--add-to",
            help="Put it first into this key set, or make the file: it signs from then on.",
        ),
    ] = None,
) -> None:
    """Make a key and print it as a JSON Web Key Set, or add it to one.

    To change keys without refusing a call: give the workers the new public half beside the old one,
    then let the gateway sign with the new key, and take the old one away when its calls are over.
    """
    # Imported late, here and below, so that --help is quick.
    from ingress.callers import keyfile  # noqa: PLC0415

    try:
        key = keyfile.make(hmac=hmac, key_id=key_id)
        if add_to is None:
            typer.echo(keyfile.write([key]), nl=False)
            return
        keyfile.add(key, add_to)
    except ValueError as error:
        typer.echo(f"queuegate: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{add_to}: {key['kid']} is the first key now", err=True)


@app.command()
def public(
    file: Annotated[
        Path, typer.Argument(help="The gateway's key set.", exists=True, dir_okay=False)
    ],
) -> None:
    """Print the public halves, for `QUEUEGATE_CALLER_KEYS` of workers.

    A secret (HMAC) has none: workers get the key set itself.
    """
    from ingress.callers import keyfile  # noqa: PLC0415

    try:
        typer.echo(keyfile.write(keyfile.public(file)), nl=False)
    except ValueError as error:
        typer.echo(f"queuegate: {error}", err=True)
        raise typer.Exit(1) from None
