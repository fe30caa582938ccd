"""``queuegate dev``: gateway and workers in one process, for development and demos."""

from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import options


def dev(
    *,
    config: options.Config = Path("gateway.yaml"),
    broker: options.BrokerUrl = None,
    host: options.Host = "127.0.0.1",
    port: options.Port = 8000,
    admin_port: options.AdminPort = 8001,
    reload: Annotated[
        bool, typer.Option(help="Start again when code or the route file changes.")
    ] = True,
    log_format: options.Format = "text",
    log_level: options.Level = "INFO",
) -> None:
    """Serve the route file and run its services in one process, on the embedded broker.

    The services are those that the route file names with a `module`. Nothing else is needed.
    """
    # Late, so that --help is quick.
    from ingress.development import develop  # noqa: PLC0415
    from ingress.gateway import Settings  # noqa: PLC0415

    settings = Settings(
        config=config,
        broker=broker,
        host=host,
        port=port,
        admin_port=admin_port,
        log_format=log_format,
        log_level=log_level,
    )
    raise typer.Exit(develop(settings, reload=reload))
