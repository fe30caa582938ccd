"""A gateway and services in this very process, on a broker of either kind."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from contracts import logs
from contracts.brokers.memory import MemoryHub
from contracts.brokers.opening import open_broker
from ingress import admin_token
from ingress.gateway import Gateway, Settings
from ingress.supervisor import listen
from workers import runner
from workers.service import Service


class Served:
    """What a test holds: the gateway, clients of its two ports, and what it logged."""

    def __init__(self, gateway: Gateway, ports: tuple[int, int], log: io.StringIO) -> None:
        self.gateway = gateway
        self.log = log
        public, private = (f"http://127.0.0.1:{port}" for port in ports)
        self.client = httpx.AsyncClient(base_url=public, trust_env=False)
        token = {"authorization": f"Bearer {admin_token.read(admin_token.place())}"}
        self.admin = httpx.AsyncClient(base_url=private, trust_env=False, headers=token)

    async def metric(self, start: str) -> float:
        """Give the sum of the samples whose lines begin so."""
        lines = (await self.admin.get("/metrics")).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(start))


@contextlib.asynccontextmanager
async def served(
    folder: Path, routes: str, *services: Service, url: str = "memory://"
) -> AsyncIterator[Served]:
    """Start the services and then the gateway; stop them at the end."""
    config, hub, log, stop = folder / "gateway.yaml", MemoryHub(), io.StringIO(), asyncio.Event()
    config.write_text(routes)
    logger = logs.configure(stream=log)
    # Each in a "process" of its own, for two may have the same name.
    brokers = [open_broker(url, name="service", hub=hub) for _ in services]
    crews = [
        asyncio.create_task(runner.serve([service], broker, stop=stop))
        for service, broker in zip(services, brokers, strict=True)
    ]
    gateway = Gateway(
        Settings(config=config, drain_timeout=5), open_broker(url, name="gateway", hub=hub), logger
    )
    sockets = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    public, private = (one.getsockname()[1] for one in sockets)
    await asyncio.gather(*(broker.ready(10) for broker in brokers))
    await gateway.start(*sockets)
    it = Served(gateway, (public, private), log)
    try:
        async with it.client, it.admin:
            yield it
    finally:
        await gateway.stop()
        stop.set()
        await asyncio.gather(*crews)
        for one in sockets:
            one.close()
