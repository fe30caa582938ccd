"""What the fault tests may expect of their proxy."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.faults.proxy import Proxy
from tests.harness.waiting import eventually


class Echo:
    """A server that sends back what it gets, and counts in how many pieces that came."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.open += 1
        with suppress(ConnectionError):
            while data := await reader.read(1000):
                self.pieces.append(data)
                writer.write(data)
        writer.transport.abort()
        self.open -= 1


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Proxy, Echo]]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with server:
        with Proxy(server.sockets[0].getsockname()[1]) as proxy:
            yield proxy, echo
        await eventually(lambda: not echo.open)
        await asyncio.sleep(0.01)  # the loop lets go of the sockets on its next turn


async def test_it_passes_on(echo: tuple[Proxy, Echo]) -> None:
    """Bytes and the end of them go through, both ways."""
    reader, writer = await asyncio.open_connection("127.0.0.1", echo[0].port)
    writer.write(b"hello")
    writer.write_eof()
    assert await reader.read() == b"hello"
    writer.close()


async def test_it_cuts(echo: tuple[Proxy, Echo]) -> None:
    """A cut ends what is open and nothing else."""
    reader, writer = await asyncio.open_connection("127.0.0.1", echo[0].port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    echo[0].cut()
    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    writer.close()
    await test_it_passes_on(echo)


async def test_it_can_be_unreachable(echo: tuple[Proxy, Echo]) -> None:
    """Connections are refused, until it is healed."""
    echo[0].unreachable()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", echo[0].port)
    echo[0].heal()
    await test_it_passes_on(echo)


async def test_it_stalls(echo: tuple[Proxy, Echo]) -> None:
    """A stalled way takes bytes and gives none, and goes on when healed; the other way is free."""
    proxy, server = echo
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    proxy.stall(requests=False)
    writer.write(b"hello")
    await eventually(lambda: server.pieces == [b"hello"])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.read(1)
    proxy.heal()
    assert await reader.readexactly(5) == b"hello"
    writer.close()


async def test_it_delays(echo: tuple[Proxy, Echo]) -> None:
    """A delay of 50 ms each way makes a round trip of 100 ms."""
    reader, writer = await asyncio.open_connection("127.0.0.1", echo[0].port)
    echo[0].delay(0.05)
    began = time.perf_counter()
    writer.write(b"hello")
    await reader.readexactly(5)
    assert time.perf_counter() - began >= 0.1
    writer.close()


async def test_it_slices(echo: tuple[Proxy, Echo]) -> None:
    """One write arrives in several pieces, and all of it arrives."""
    reader, writer = await asyncio.open_connection("127.0.0.1", echo[0].port)
    echo[0].slice()
    writer.write(b"hello" * 20)
    assert await reader.readexactly(100) == b"hello" * 20
    assert len(echo[1].pieces) > 1
    writer.close()


async def test_it_half_closes(echo: tuple[Proxy, Echo]) -> None:
    """The way back ends, and the way there goes on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", echo[0].port)
    writer.write(b"one")
    assert await reader.readexactly(3) == b"one"
    echo[0].half_close()
    assert await reader.read() == b""
    writer.write(b"two")
    await eventually(lambda: echo[1].pieces == [b"one", b"two"])
    writer.close()
