"""An admin app on a port of its own, and a client for it."""

import contextlib
from collections.abc import AsyncIterator

import httpx

from ingress.admin_answers import App
from ingress.server import Server
from ingress.supervisor import listen


@contextlib.asynccontextmanager
async def opened(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """Serve it for as long as the client is there, which goes past any proxy."""
    with listen("127.0.0.1", 0) as sock:
        server = Server(app, sock)
        await server.start()
        base = f"http://127.0.0.1:{sock.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
            yield client
        await server.stop(1)
