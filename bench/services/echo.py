"""What queuegate's worker does in the benchmark: an echo, and a little work that takes time."""

import asyncio

from bench.suite import BODY
from queuegate import Call, Reply, Service

# As the peers: deep enough that the worker never waits for the broker.
service = Service("bench", concurrency=200)

# One call at a time, so that throughput is a matter of workers and of nothing else.
slow = Service("slow", concurrency=1)


@service.operation
async def echo(call: Call, body: bytes) -> Reply:
    """Answer with the bytes that came."""
    kind = call.header("content-type", "application/octet-stream")
    return Reply(headers=(("content-type", kind),), body=body)


@service.operation
async def page() -> Reply:
    """Answer with what every cache may keep for an hour."""
    said = (("content-type", "application/json"), ("cache-control", "max-age=3600"))
    return Reply(headers=said, body=BODY)


@slow.operation
async def work(call: Call, body: bytes) -> Reply:
    """Answer with the bytes that came, 20 ms later."""
    await asyncio.sleep(0.02)
    kind = call.header("content-type", "application/octet-stream")
    return Reply(headers=(("content-type", kind),), body=body)
