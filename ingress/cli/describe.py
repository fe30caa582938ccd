"""``queuegate describe``: what a service takes and gives, for a gateway that has not its code."""

from pathlib import Path
from typing import Annotated

import typer


def describe(
    service: Annotated[str, typer.Argument(help="Where it is: package.module:name.")],
    *,
    write: Annotated[
        Path | None, typer.Option("--write", "-w", help="Write it to this file.")
    ] = None,
) -> None:
    """Print the operations of a service with their schemas, as `services.NAME.contract` wants them.

    The same code gives the same file, so it can be kept with the route file and compared in CI:
    `queuegate routes check` says when it is out of date.
    """
    # Imported late, so that --help is quick.
    import sys  # noqa: PLC0415

    from ingress import offers  # noqa: PLC0415
    from ingress.validation.contract import describe as described  # noqa: PLC0415

    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    if ":" not in service:
        raise typer.BadParameter(f"write package.module:name, not {service!r}")
    try:
        code = offers.load(service)
    except AttributeError as error:
        typer.echo(f"queuegate: {error}", err=True)
        raise typer.Exit(1) from None
    name = getattr(code, "name", None)
    if name is None:
        typer.echo(f"queuegate: there is no service {service} here", err=True)
        raise typer.Exit(1)
    data = described(name, code).encode()
    if write is None:
        typer.echo(data.decode(), nl=False)
        return
    try:
        write.write_bytes(data)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {write}: {error.strerror}") from None
