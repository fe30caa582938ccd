"""Gateway and workers in one process."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from ingress.embedded import serve
from ingress.gateway import Settings
from ingress.supervisor import listen
from tests.harness.waiting import eventually
from workers.runner import ServiceError

ROUTES = "routes: [{route: POST /echo, operation: echo.back}]"


def settings(folder: Path) -> Settings:
    """Write the route file and give the settings for it."""
    config = folder / "gateway.yaml"
    config.write_text(ROUTES)
    return Settings(config=config, log_level="ERROR")


async def test_one_process_is_a_whole_system(tmp_path: Path) -> None:
    """A call goes over the embedded broker to a worker beside the gateway."""
    with listen("127.0.0.1", 0) as public, listen("127.0.0.1", 0) as private:
        services = ["workers.samples.echo:service"]
        running = asyncio.create_task(serve(settings(tmp_path), services, public, private))
        base = f"http://127.0.0.1:{public.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:

            async def echoed() -> bool:
                try:
                    return (await client.post("/echo", content=b"hi")).content == b"hi"
                except httpx.TransportError:
                    return False

            await eventually(echoed, within=10)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 10)


async def test_a_service_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    """Nothing serves when a part is missing."""
    with (
        listen("127.0.0.1", 0) as public,
        listen("127.0.0.1", 0) as private,
        pytest.raises(ServiceError),
    ):
        await serve(settings(tmp_path), ["nowhere:nothing"], public, private)
