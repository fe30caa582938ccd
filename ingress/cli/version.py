"""``queuegate version``."""

import json
import platform
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from ingress.cli import options

_PARTS = ("sanic", "aio-pika", "msgpack", "pybreaker", "tenacity")


def version(*, as_json: options.Json = False) -> None:
    """Print the version; with --json also those of the parts, for a bug report."""
    own = version_of("queuegate")
    if as_json:
        parts = {name: version_of(name) for name in _PARTS}
        document = {"queuegate": own, "python": platform.python_version(), **parts}
        typer.echo(json.dumps(document))
    else:
        typer.echo(f"queuegate {own}")


def _print(value: bool) -> None:
    if value:
        version(as_json=False)
        raise typer.Exit


def asked(
    *,
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print, help="Print the version.")
    ] = False,
) -> None:
    """An API gateway whose backends are message queues."""
