import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiormq.exceptions
import pytest
from yarl import URL

from contracts.brokers.rabbitmq.transport import Transports
from contracts.brokers.rabbitmq.wire import HIGH_WATER, MAX_UNSENT, Wire, refuse_when_choked
from contracts.fault import Fault
from tests.harness.waiting import eventually


@asynccontextmanager
async def deaf() -> AsyncIterator[tuple[Wire, asyncio.StreamReader]]:
    """Connect a wire to somebody who does not listen; gives the wire and the other end."""
    arrived: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
    arrived = asyncio.get_running_loop().create_future()

    def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set_result((reader, writer))

    wire = Wire()
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = URL(f"amqp://127.0.0.1:{port}")
        await Transports(wire).create(url, ssl_context_provider=None)
        reader, writer = await arrived
        yield wire, reader
        wire.abort()
        writer.close()


async def test_the_wire_hears_of_back_pressure() -> None:
    """Above the high-water mark the wire is paused; below the low one those who wait are told."""
    async with deaf() as (wire, reader):
        told: list[bool] = []
        wire.on_writable.append(lambda: told.append(wire.paused))
        while not wire.paused:
            wire.send(bytes(HIGH_WATER))
            await asyncio.sleep(0)
        assert told == []
        while wire.paused:
            assert await reader.read(2**20)
        assert told == [False]


async def test_too_much_is_refused() -> None:
    """Above 16 MiB a publish is refused, counting what was sent in this very turn."""
    async with deaf() as (wire, reader):
        refuse_when_choked(wire)
        wire.send(bytes(MAX_UNSENT + 1))
        with pytest.raises(Fault, match="broker_blocked"):
            refuse_when_choked(wire)
        wire.flush()
        wire.send(bytes(MAX_UNSENT))
        wire.flush()
        with pytest.raises(Fault, match="broker_blocked"):
            refuse_when_choked(wire)

        async def read() -> bool:
            await reader.read(2**20)
            return not wire.paused

        await eventually(read)
        refuse_when_choked(wire)


async def test_nobody_there() -> None:
    """A refused connection is the error that aiormq's own transports raise."""
    with pytest.raises(aiormq.exceptions.AMQPConnectionError):
        await Transports(Wire()).create(URL("amqp://127.0.0.1:1"), ssl_context_provider=None)
