"""Options that several commands share, with the environment variables behind them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ingress import address

LogFormat = Literal["text", "json"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def broker_url(url: str | None) -> str | None:
    """Refuse what can be no broker; an empty one is as good as none."""
    try:
        return address.check(url) if url else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Config = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar="QUEUEGATE_CONFIG",
        help="The route file.",
        show_default=True,
    ),
]
BrokerUrl = Annotated[
    str | None,
    typer.Option(
        "--broker",
        callback=broker_url,
        envvar="BROKER_URL",
        help="The broker, amqp://user:password@host/vhost; overrides the route file's.",
        show_envvar=True,
    ),
]
Host = Annotated[str, typer.Option(envvar="HOST", help="The address of the public port.")]
Port = Annotated[
    int, typer.Option(envvar="PORT", min=0, max=65535, help="The public port; 0 takes a free one.")
]
AdminHost = Annotated[str, typer.Option(envvar="ADMIN_HOST", help="The address of the admin port.")]
AdminPort = Annotated[
    int,
    typer.Option(
        envvar="ADMIN_PORT", min=0, max=65535, help="The admin port: /healthz, /readyz, /metrics."
    ),
]
Processes = Annotated[int, typer.Option("--processes", "-n", min=1, max=256)]
DrainTimeout = Annotated[
    float,
    typer.Option(min=0, envvar="DRAIN_TIMEOUT", help="Seconds for what is in flight at SIGTERM."),
]
Format = Annotated[LogFormat, typer.Option("--log-format", envvar="LOG_FORMAT")]
Level = Annotated[LogLevel, typer.Option("--log-level", envvar="LOG_LEVEL", case_sensitive=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
