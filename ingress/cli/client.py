"""A client of the broker for the time of one command."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import typer

from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker
from contracts.fault import Fault
from ingress import routefile
from ingress.problems import without_password
from ingress.routefile import RouteFile

T = TypeVar("T")

# Seconds to wait for the broker.
PATIENCE: Final = 10.0


def read_routes(config: Path, *, needed: bool) -> RouteFile | None:
    """Read the route file; without a need it may be missing, but not wrong."""
    if not needed and not config.exists():
        return None
    return routefile.load(config)


def broker_of(url: str | None, route_file: RouteFile | None) -> str:
    """Give the broker's address, or end the command with what is wrong with it."""
    address = url or (route_file.broker if route_file else "")
    if not address:
        typer.echo("queuegate: which broker? Give --broker, or a route file with one", err=True)
        raise typer.Exit(2)
    if address.startswith("memory:"):
        shown = '-H "authorization: Bearer $(queuegate admin token)"'
        told = f"its dead letters are on the admin port: curl {shown} http://127.0.0.1:8001/dlq"
        typer.echo(
            f"queuegate: {address} lives in the process of `queuegate dev`; {told}", err=True
        )
        raise typer.Exit(1)
    return address


def run(url: str, act: Callable[[Broker], Awaitable[T]]) -> T:
    """Connect, do something and leave; a Fault is told in a sentence and ends with exit code 1."""

    async def main() -> T:
        broker = open_broker(url, name="queuegate dlq")
        broker.start()
        try:
            await broker.ready(PATIENCE)
            return await act(broker)
        finally:
            await broker.close()

    try:
        return asyncio.run(main())
    except Fault as fault:
        typer.echo(f"queuegate: {without_password(fault.detail or fault.title)}", err=True)
        raise typer.Exit(1) from None
