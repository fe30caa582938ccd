"""What is promised while clients misbehave."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.faults.theatre import ONE_WAY, Theatre
from tests.harness.http import Connection, GoneError, request
from tests.harness.waiting import eventually

GRACE = 0.5
pytestmark = ONE_WAY


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[Connection]]:
    """Have so many connections open."""
    async with AsyncExitStack() as stack:
        opened: list[Connection] = []
        for _ in range(0, count, 100):
            opened += await asyncio.gather(*(Connection.open(port) for _ in range(min(100, count))))
        for one in opened:
            stack.callback(one.close)
        yield opened


async def _quick(theatre: Theatre) -> None:
    """Hold that a well-behaved client is served, and not only when the others are done."""
    async with asyncio.timeout(3):
        assert (await theatre.ask("POST", "/once")).status == 200


async def test_clients_that_are_gone(theatre: Theatre) -> None:
    """Who hangs up leaves nothing behind: 50 calls are given up, and none stays pending."""
    async with connections(theatre.port, 50) as clients:
        for client in clients:
            client.send("POST", "/long?ms=300")
        await eventually(lambda: len(theatre.stage.runs()) >= 1)
    await eventually(lambda: theatre.idle(theatre.gateway), within=1)
    await eventually(theatre.answers)


async def test_clients_behind_a_cut_cable(theatre: Theatre) -> None:
    """A client that vanishes without a word costs nothing once its call is answered."""
    async with await Connection.open(theatre.front.port) as client:
        client.send("POST", "/once?ms=300")
        await eventually(theatre.stage.runs)
        theatre.front.stall()
        await eventually(lambda: theatre.idle(theatre.gateway), within=3)
        await _quick(theatre)


async def test_slow_senders(theatre: Theatre) -> None:
    """200 clients that never finish their header section keep nobody else waiting."""
    async with connections(theatre.port, 200) as clients:
        for client in clients:
            client.writer.write(b"GET /work HTTP/1.1\r\nhost: a\r\nx-slow: ")
        for _ in range(5):
            for client in clients:
                client.writer.write(b"z")
            await _quick(theatre)


async def test_a_request_byte_by_byte(theatre: Theatre) -> None:
    """However slowly and in whatever pieces a request comes, it is answered."""
    theatre.front.slice()
    async with await Connection.open(theatre.front.port) as client:
        answer = await client.ask("POST", "/once", b"x" * 500)
        assert answer.status == 200
        assert (await client.ask("GET", "/work")).status == 200


async def test_a_body_that_stops_half_way(theatre: Theatre) -> None:
    """A body that does not come holds no worker, and its client may leave at any time."""
    whole = request("POST", "/once", b"x" * 1000)
    async with await Connection.open(theatre.port) as client:
        client.writer.write(whole[:-500])
        await _quick(theatre)
    await eventually(lambda: theatre.idle(theatre.gateway), within=1)
    assert len(theatre.stage.runs()) == 1


async def test_slow_readers(theatre: Theatre) -> None:
    """20 clients that do not read 4 MiB answers keep nobody else waiting, and may leave."""
    size = 4 * 1024 * 1024
    async with connections(theatre.port, 20) as clients:
        for client in clients:
            client.send("POST", f"/large?size={size}")
        await eventually(lambda: len(theatre.stage.runs()) == 20, within=10)
        await _quick(theatre)
        answer = await clients[0].read()
        assert (answer.status, len(answer.body)) == (200, size)
    await eventually(lambda: theatre.idle(theatre.gateway), within=5)


async def test_pipelined_requests(theatre: Theatre) -> None:
    """Ten requests in one write get ten answers in their order, the slow first one included."""
    ids = [f"pipe-{number}" for number in range(10)]
    whole = b"".join(
        request("GET", f"/work?ms={0 if n else 200}", x_request_id=i) for n, i in enumerate(ids)
    )
    async with await Connection.open(theatre.port) as client:
        client.writer.write(whole)
        answers = [await client.read() for _ in ids]
    assert [answer.headers["x-request-id"] for answer in answers] == ids
    assert {answer.status for answer in answers} == {200}


async def test_thousands_of_idle_clients(theatre: Theatre) -> None:
    """2,000 connections that wait keep nobody else waiting, and each can still be used."""
    async with connections(theatre.port, 2000) as clients:
        await _quick(theatre)
        for client in clients[::400]:
            assert (await client.ask("GET", "/work")).status == 200


async def test_a_client_that_ends_its_side(theatre: Theatre) -> None:
    """A client that sends its request and closes its way out gets an answer or an end, in time."""
    began = time.monotonic()
    async with await Connection.open(theatre.port) as client:
        client.send("POST", "/once?ms=200", x_request_id="half")
        client.writer.write_eof()
        with pytest.raises(GoneError):
            await client.read()
    assert time.monotonic() - began < 2 + GRACE
    await eventually(lambda: theatre.idle(theatre.gateway), within=1)
