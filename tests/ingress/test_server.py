"""A Sanic app on a socket, in a loop that is ours."""

import asyncio

import pytest

from contracts.call import Reply
from ingress.flow import Flow
from tests.harness.waiting import eventually
from tests.ingress.door import opened, plan


async def ok(_: Flow) -> Reply:
    """Answer at once."""
    return Reply(body=b"ok")


async def test_several_apps_serve_in_one_process() -> None:
    """A second app in the process works as the first."""
    async with (
        opened(ok, plan("GET /a")) as one,
        opened(ok, plan("GET /b")) as two,
        one.client() as first,
        two.client() as second,
    ):
        assert (await first.get("/a")).text == (await second.get("/b")).text == "ok"


async def test_idle_connections_are_closed_and_new_ones_refused() -> None:
    """When it refuses more, who waits for nothing is let go at once."""
    async with opened(ok, plan("GET /a")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.readuntil(b"ok")
        door.server.refuse_more()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_what_does_not_end_in_time_is_cut() -> None:
    """A stop ends after its time whatever the clients do."""

    async def never(_: Flow) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    async with opened(never, plan("GET /a")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: door.edge.in_flight)
        async with asyncio.timeout(5):
            await door.server.stop(0.05)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
        writer.close()
