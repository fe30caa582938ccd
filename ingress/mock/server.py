"""A mock on a port, until it is told to stop."""

import asyncio
import signal
import socket
from collections.abc import Callable

from contracts.dialects import dialect
from ingress import sanic_app
from ingress.edge import Edge
from ingress.flow import Observer
from ingress.mock.answering import Mock
from ingress.pipeline import Pipeline
from ingress.plan import Plan, Target
from ingress.router import Router
from ingress.routesections import MAX_BODY
from ingress.server import Server

# Every request meets the one route: what was recorded is the mock's to know.
_TARGET = Target(operation="mock.answer", dialect=dialect("queuegate"), routing_key="")
_EVERYTHING = Plan(
    name="ANY /{rest...}",
    method="ANY",
    pattern="/{rest...}",
    target=_TARGET,
    timeout=3600.0,
    max_body=MAX_BODY,
)


async def serve(
    mock: Mock, sock: socket.socket, observer: Observer, ready: Callable[[], None]
) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is called when connections are taken."""
    edge = Edge(Router([_EVERYTHING]), Pipeline(mock), [observer])
    server = Server(sanic_app.build(edge), sock, edge)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await server.start()
    try:
        ready()
        await stop.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        await server.stop(1)
