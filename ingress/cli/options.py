"""Options that several commands share, with the environment variables behind them."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

LogFormat = Literal["text", "json"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def _broker(url: str | None) -> str | None:
    """Refuse what is no broker's URL without repeating it: it may hold a password."""
    if url and not re.match(r"memory://|amqps?://[^/?#]*[^/?#@:]", url):
        raise typer.BadParameter("a broker is memory:// or amqp://user:password@host:port/vhost")
    return url or None


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
        callback=_broker,
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
