"""A service that takes its time, to see deadlines, queue times and scaling."""

import asyncio
import os
from typing import Annotated

import msgspec

from queuegate import Context, Service

service = Service("slow", concurrency=int(os.environ.get("SLOW_CONCURRENCY", "100")))


class Slept(msgspec.Struct, frozen=True):
    """How long it slept, in milliseconds, and in which process."""

    ms: int
    worker: int


@service.operation(idempotent=True)
async def wait(ctx: Context, ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 200) -> Slept:
    """Sleep for so many milliseconds."""
    ctx.logger.bind(ms=ms).debug("sleeping")
    await asyncio.sleep(ms / 1000)
    return Slept(ms, os.getpid())
