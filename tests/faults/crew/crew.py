"""A service whose every run leaves a line in a file: the one count that nobody can dispute."""

import asyncio
import os
import time
from pathlib import Path

from queuegate import Context, Queue, Service

service = Service("crew", concurrency=int(os.environ.get("CREW_CONCURRENCY", "16")))
# Its queue is a replicated one, as that of work which may not be lost should be.
keeper = Service("keeper", queue=Queue(name="keeper", quorum=True), concurrency=16)
folder = Path(os.environ["CREW_FOLDER"])


def _note(ctx: Context) -> None:
    with (folder / "runs").open("a") as runs:
        runs.write(f"{ctx.request_id} {ctx.attempt} {os.getpid()}\n")


@service.operation(idempotent=True)
async def work(ctx: Context, ms: int = 0) -> str:
    """Leave a line, work for a while, tell who worked."""
    _note(ctx)
    await asyncio.sleep(ms / 1000)
    return str(os.getpid())


@service.operation(idempotent=False)
async def once(ctx: Context, ms: int = 0) -> str:
    """Do the same, and never twice for one request."""
    _note(ctx)
    await asyncio.sleep(ms / 1000)
    return str(os.getpid())


@service.operation(idempotent=False)
def hang(ctx: Context, ms: int = 0) -> str:
    """Block a thread, which nothing can stop."""
    _note(ctx)
    time.sleep(ms / 1000)
    return str(os.getpid())


@service.operation(idempotent=False)
async def large(ctx: Context, size: int) -> bytes:
    """Answer with so many bytes."""
    _note(ctx)
    return b"x" * size


@keeper.operation(idempotent=True)
async def keep(ctx: Context, ms: int = 0) -> None:
    """Do a job that nobody waits for, and leave a line when it is done."""
    await asyncio.sleep(ms / 1000)
    _note(ctx)
