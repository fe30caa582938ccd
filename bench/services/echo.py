"""What queuegate's worker does in the benchmark: an echo, and a little work that takes time."""

import asyncio

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


@slow.operation
async def work(call: Call, body: bytes) -> Reply:
    """Answer with the bytes that came, 20 ms later."""
    await asyncio.sleep(0.02)
    kind = call.header("content-type", "application/octet-stream")
    return Reply(headers=(("content-type", kind),), body=body)
