"""A service that sends back what it gets, byte by byte, with its content type."""

from queuegate import Call, Reply, Service

service = Service("echo")


@service.operation
async def back(call: Call, body: bytes) -> Reply:
    """Answer with the body that came."""
    kind = call.header("content-type", "application/octet-stream")
    return Reply(headers=(("content-type", kind),), body=body)
