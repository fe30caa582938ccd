"""``queuegate serve``: the gateway."""

from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import options


def serve(  # noqa: PLR0913 - one parameter an option
    *,
    config: options.Config = Path("gateway.yaml"),
    broker: options.BrokerUrl = None,
    host: options.Host = "127.0.0.1",
    port: options.Port = 8000,
    admin_host: options.AdminHost = "127.0.0.1",
    admin_port: options.AdminPort = 8001,
    processes: options.Processes = 1,
    drain_delay: Annotated[
        float,
        typer.Option(
            min=0,
            envvar="DRAIN_DELAY",
            help="Seconds to go on accepting after /readyz went off, for load balancers to notice.",
        ),
    ] = 0.0,
    drain_timeout: options.DrainTimeout = 30.0,
    log_format: options.Format = "text",
    log_level: options.Level = "INFO",
) -> None:
    """Serve the routes of the route file over HTTP.

    SIGTERM drains: readiness goes off, what is in flight finishes, then it ends. SIGHUP reads the
    route file again; if it is wrong, the old routes stay.
    """
    # Imported late, so that --help is quick.
    from ingress import process  # noqa: PLC0415
    from ingress.gateway import Settings  # noqa: PLC0415

    settings = Settings(
        config=config,
        broker=broker,
        host=host,
        port=port,
        admin_host=admin_host,
        admin_port=admin_port,
        processes=processes,
        drain_delay=drain_delay,
        drain_timeout=drain_timeout,
        log_format=log_format,
        log_level=log_level,
    )
    raise typer.Exit(process.serve(settings))
