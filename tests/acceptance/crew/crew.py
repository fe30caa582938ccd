"""A service whose every run leaves a line in a file, so that a test can count them."""

import asyncio
import os
from pathlib import Path

from queuegate import Context, Fault, Service

service = Service("crew", concurrency=int(os.environ.get("CREW_CONCURRENCY", "4")))
folder = Path(os.environ["CREW_FOLDER"])


@service.operation(idempotent=True)
async def work(ctx: Context, ms: int = 0) -> str:
    """Leave a line, work for a while, tell who worked; fail while a file ``broken`` is there."""
    with (folder / "runs").open("a") as runs:
        runs.write(f"{ctx.request_id} {ctx.attempt}\n")
    await asyncio.sleep(ms / 1000)
    if (folder / "broken").exists():
        raise RuntimeError("as the test wants it")
    return str(os.getpid())


@service.operation()
async def refuse() -> None:
    """Refuse with a fault of its own."""
    raise Fault("out_of_tea", status=409, detail="come back tomorrow")
