"""An edge on a real socket with a fake dispatch behind it, for the edge's tests."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import httpx

from contracts.call import Reply
from contracts.dialects import dialect
from ingress import sanic_app
from ingress.edge import Edge
from ingress.flow import Flow
from ingress.guard.entrance import Entrance
from ingress.pipeline import Pipeline
from ingress.plan import Plan, Target
from ingress.policies.port import Early
from ingress.router import Router
from ingress.server import App, Server
from ingress.supervisor import listen

# Whether usual requests go the short way; a test that holds for both ways sets it to either.
SHORT_WAY = True

Dispatch = Callable[[Flow], Awaitable[Reply]]


def plan(route: str, *, max_body: int = 1000, timeout: float = 5.0) -> Plan:
    """Make a plan without policies for ``METHOD /pattern``."""
    method, pattern = route.split(" ", 1)
    target = Target(operation="test.op", dialect=dialect("queuegate"), routing_key="test")
    return Plan(
        name=route,
        method=method,
        pattern=pattern,
        target=target,
        max_body=max_body,
        timeout=timeout,
    )


class Door:
    """What a test holds: the edge, its port, and the flows that were observed."""

    def __init__(self, edge: Edge, app: App, port: int, server: Server) -> None:
        self.edge = edge
        self.app = app
        self.port = port
        self.server = server
        self.flows: list[Flow] = []

    def client(self) -> httpx.AsyncClient:
        """Make an HTTP client of the edge."""
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False)

    async def raw(self, data: bytes) -> bytes:
        """Send bytes, and read until the edge closes or is silent for a second."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        answer = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while part := await asyncio.wait_for(reader.read(65536), 1):
                answer += part
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return answer


@contextlib.asynccontextmanager
async def opened(
    dispatch: Dispatch,
    *plans: Plan,
    strangers: Iterable[Early] = (),
    entrance: Entrance | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Door]:
    """Serve ``plans`` with ``dispatch`` behind them."""
    flows: list[Flow] = []
    edge = Edge(Router(plans, strangers), Pipeline(dispatch), [flows.append])
    sock = listen("127.0.0.1", 0)
    app = sanic_app.build(edge)
    entrance = entrance or Entrance()
    server = Server(app, sock, edge if SHORT_WAY else None, lambda: entrance, tls)
    await server.start()
    door = Door(edge, app, sock.getsockname()[1], server)
    door.flows = flows
    try:
        yield door
    finally:
        await server.stop(1)
        sock.close()
