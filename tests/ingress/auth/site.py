"""A web site of a test's own, that answers as it is told: also wrong, late, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """A request that came."""

    method: str
    target: str
    fields: dict[str, str]
    body: bytes


# Answers with a whole HTTP message, as bytes; empty hangs up.
Script = Callable[[Asked], Awaitable[bytes] | bytes]


def answer(body: bytes = b"", *, status: int = 200, fields: str = "") -> bytes:
    """Write an answer; ``fields`` are lines, each with its end."""
    head = f"HTTP/1.1 {status} Word\r\ncontent-length: {len(body)}\r\n{fields}\r\n"
    return head.encode() + body


class Site:
    """What was asked is in ``asked``; ``script`` may be replaced at any time."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Go away: nobody listens on the port any more."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                asked = await _read(reader)
                self.asked.append(asked)
                said = self.script(asked)
                said = said if isinstance(said, bytes) else await said
                if not said:
                    break
                writer.write(said)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ")
    fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    return Asked(method, target, fields, body)


@asynccontextmanager
async def site(script: Script) -> AsyncIterator[Site]:
    """Serve until the test leaves."""
    one = Site(script)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()
