"""A server that answers bytes, for tests of a client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

# Given the head of a request: the bytes to answer, or None to close without a word.
Answering = Callable[[bytes], bytes | None]

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Server:
    """What a test holds: the port, and the requests that came."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[bytes] = []
        self.connections = 0


@asynccontextmanager
async def serving(answer: Answering) -> AsyncIterator[Server]:
    """Serve on a port of this machine."""
    server, open_ = Server(), set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.add(writer)
        server.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                server.requests.append(head + await reader.readexactly(length))
                answered = answer(head)
                if answered is None:
                    break
                writer.write(answered)
                if b"connection: close" in answered:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for writer in open_:
            writer.transport.abort()
