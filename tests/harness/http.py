"""HTTP/1.1 as bare as a test of bad clients needs it: connections that can be seen and hurt."""

import asyncio
from typing import Any, Self

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """An answer that came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The problem's code; empty for what is no problem."""
        if self.headers.get("content-type") != "application/problem+json":
            return ""
        return str(msgspec.json.decode(self.body)["code"])


class GoneError(ConnectionError):
    """The connection ended before an answer was whole."""


class Connection:
    """One connection to a gateway: `send` and `read` by hand, or `ask` for both."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.reusable = True

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave without a word."""
        self.writer.transport.abort()

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        """Write a request; ``request_id`` stands for the header ``x-request-id``, and so on."""
        self.writer.write(request(method, path, body, **headers))

    async def read(self) -> Answer:
        """Read one answer; raises ``GoneError`` when there is none to come."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, headers = _head(head)
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise GoneError(str(error)) from error
        self.reusable = headers.get("connection", "") != "close"
        return Answer(status, headers, body)

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request and read its answer."""
        self.send(method, path, body, **headers)
        return await self.read()


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Write a request as it goes over the wire."""
    fields: dict[str, Any] = {"host": "gateway", **headers}
    if body or method in {"POST", "PUT"}:
        fields["content-length"] = len(body)
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def ask(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    """Make one request on a connection of its own."""
    async with await Connection.open(port) as connection:
        return await connection.ask(method, path, body, **headers)
