"""A gateway and a service in this very process, on the embedded broker."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from contracts import logs
from contracts.brokers.memory import MemoryBroker, MemoryHub
from ingress import admin_token
from ingress.gateway import Gateway, Settings
from ingress.supervisor import listen
from workers import runner
from workers.service import Service

ROUTES = """
routes:
  - {route: GET /hello, operation: test.hello}
  - {route: GET /wait, operation: test.wait}
"""


class House:
    """What a test holds: the gateway, its hub, its ports and what it logged."""

    def __init__(self, folder: Path, routes: str = ROUTES) -> None:
        self.config = folder / "gateway.yaml"
        self.config.write_text(routes)
        self.hub = MemoryHub()
        self.log = io.StringIO()
        self.settings = Settings(config=self.config, drain_timeout=5)
        logger = logs.configure(stream=self.log)
        self.gateway = Gateway(self.settings, MemoryBroker(self.hub), logger)
        self.public, self.private = listen("127.0.0.1", 0), listen("127.0.0.1", 0)

    def client(self) -> httpx.AsyncClient:
        """Make a client of the public port."""
        port = self.public.getsockname()[1]
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)

    def admin(self) -> httpx.AsyncClient:
        """Make a client of the admin port, with its token."""
        port = self.private.getsockname()[1]
        token = {"authorization": f"Bearer {admin_token.read(admin_token.place())}"}
        base = f"http://127.0.0.1:{port}"
        return httpx.AsyncClient(base_url=base, trust_env=False, headers=token)


def service() -> tuple[Service, asyncio.Event]:
    """Make a service, and the event that its ``wait`` waits for."""
    test, go = Service("test"), asyncio.Event()

    @test.operation()
    async def hello() -> str:
        return "hello"

    @test.operation()
    async def wait() -> str:
        await go.wait()
        return "done"

    return test, go


@contextlib.asynccontextmanager
async def lived_in(
    folder: Path, test: Service | None = None, routes: str = ROUTES
) -> AsyncIterator[House]:
    """Start the gateway, and the service if there is one; stop them at the end."""
    house = House(folder, routes)
    stop = asyncio.Event()
    crew = None
    if test:
        broker = MemoryBroker(house.hub)
        crew = asyncio.create_task(runner.serve([test], broker, stop=stop))
        await broker.ready(5)
    await house.gateway.start(house.public, house.private)
    try:
        yield house
    finally:
        await house.gateway.stop()
        stop.set()
        if crew:
            await crew
        house.public.close()
        house.private.close()
