"""A gateway with a cache and the suite's origin behind it, as processes on a real RabbitMQ."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.acceptance.stage import Stage
from tests.harness import http
from tests.harness.waiting import eventually

HERE: Final = Path(__file__).parent


@asynccontextmanager
async def serving(folder: Path, url: str, *, plain: bool = False) -> AsyncIterator[int]:
    """Serve on the broker at ``url``; gives the gateway's port. ``plain`` with ``cache: {}``."""
    stage = Stage(folder, url, crew=HERE)
    if plain:
        config = folder / "gateway.yaml"
        whole = config.read_text()
        config.write_text(f"{whole[: whole.index('    cache:')]}    cache: {{}}\n")
    stage.services = ["tests.cachesuite.origin:service"]
    try:
        stage.start_gateway()
        stage.start_worker()
        await stage.ready()

        async def answered() -> bool:
            return (await http.ask(stage.port, "GET", "/state/none")).status == 200

        await eventually(answered, within=20, what=f"the origin answers\n{stage.said()[-4000:]}")
        yield stage.port
    finally:
        stage.close()
