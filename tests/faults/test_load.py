"""What the ledger may believe of the load."""

import asyncio

from tests.faults.load import Kind, Load
from tests.harness.ports import free_port
from tests.harness.waiting import eventually

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


async def test_every_request_is_written_down() -> None:
    """Answers, hang-ups and servers that are not there: each request has exactly one end."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            asked.append(head)
            if b"/slow" in head:
                break
            writer.write(OK)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port, ports = server.sockets[0].getsockname()[1], [0]
    ports[0] = port
    kinds = [
        Kind("GET", "/quick", 1, idempotent=True),
        Kind("GET", "/slow", 1, idempotent=True, leaves=0.01),
    ]
    async with server, Load(lambda: ports, kinds, clients=2, pause=0.01) as load:
        await eventually(lambda: len(load.requests) > 20)
        ports[0] = free_port()
        await eventually(lambda: any(request.error for request in load.requests))
        requests = await load.stop()
    ends = [(bool(r.answer), r.left, bool(r.error)) for r in requests]
    assert {sum(end) for end in ends} == {1}
    assert len({r.id for r in requests}) == len(requests)
    assert sum(r.answer is not None or r.left for r in requests) <= len(asked)
