"""A Sanic app on a socket, in a loop that is ours."""

import asyncio
import socket
from contextlib import ExitStack

import pytest

from contracts.call import Reply
from ingress import sanic_app
from ingress.connection import Connection
from ingress.flow import Flow
from ingress.guard.entrance import Entrance
from ingress.guard.limits import Limits
from ingress.server import Server
from ingress.supervisor import listen
from tests.harness.waiting import eventually
from tests.ingress import door as doors
from tests.ingress.door import opened, plan


@pytest.fixture(autouse=True, params=["short", "long"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hold for the short way to the edge and for the long one."""
    monkeypatch.setattr(doors, "SHORT_WAY", request.param == "short")


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


async def test_a_crowd_may_knock_while_the_loop_is_busy() -> None:
    """The kernel takes connections in; what it drops comes again a second later."""
    async with opened(ok, plan("GET /a")) as door:
        with ExitStack() as clients:
            for _ in range(200):
                client = socket.create_connection(("127.0.0.1", door.port), timeout=0.5)
                clients.enter_context(client)


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


async def test_who_has_knocked_is_served_when_the_door_closes() -> None:
    """Connections that nobody has accepted yet are taken in, and nobody after them."""
    async with opened(ok, plan("GET /a")) as door:
        knocking = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(50)]
        await door.server.last_call(0)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", door.port))
        for client in knocking:
            client.settimeout(0)
            reader, writer = await asyncio.open_connection(sock=client)
            writer.write(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await asyncio.wait_for(reader.readuntil(b"ok"), 5)).startswith(b"HTTP/1.1 200")
            writer.close()


async def test_a_request_that_is_on_the_way_is_waited_for() -> None:
    """A connection whose request has just come is not idle, and the last call gives it time."""
    async with opened(ok, plan("GET /a")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        calling = asyncio.create_task(door.server.last_call(5))
        await asyncio.sleep(0)
        door.edge.draining = True
        writer.write(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"ok")
        await asyncio.wait_for(calling, 5)
        writer.close()


async def test_bytes_that_have_come_make_a_connection_busy() -> None:
    """In the turn in which they come the request has not begun, and is not thrown away."""
    async with opened(ok, plan("GET /a")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        (connection,) = await eventually(lambda: list(door.server.connections))
        await eventually(lambda: connection.http is not None)
        connection.data_received(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        door.server.refuse_more()
        assert await asyncio.wait_for(reader.readuntil(b"ok"), 5)
        writer.close()


async def test_a_header_section_that_trickles_is_not_waited_for_for_ever() -> None:
    """One byte now and then keeps no connection open: the time is for all of it."""
    entrance = Entrance(Limits(header_timeout=0.2))
    async with opened(ok, plan("GET /a"), entrance=entrance) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /a HTTP/1.1\r\nHost: a\r\nX: ")

        async def trickle() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        assert b"408" in await asyncio.wait_for(reader.readline(), 5)
        trickling.cancel()
        writer.close()


async def test_bytes_may_come_before_the_connection_has_begun() -> None:
    """As uvloop does it: in the very turn in which the connection is made."""
    async with opened(ok, plan("GET /a")) as door:
        loop, errors = asyncio.get_running_loop(), []
        loop.set_exception_handler(lambda _, context: errors.append(context))
        near, far = socket.socketpair()
        near.settimeout(0)
        far.settimeout(0)

        class Eager(Connection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                self.data_received(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")

        await loop.connect_accepted_socket(lambda: Eager(loop=loop, app=door.app), far)
        reader, writer = await asyncio.open_connection(sock=near)
        assert await asyncio.wait_for(reader.readuntil(b"ok"), 5)
        writer.close()
        assert errors == []


async def test_connections_of_one_server_are_one_crowd() -> None:
    """Also where nobody gave it an entrance."""
    async with opened(ok, plan("GET /a")) as door:
        with listen("127.0.0.1", 0) as sock:
            server = Server(sanic_app.build(door.edge), sock)
            await server.start()
            port = sock.getsockname()[1]
            lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await eventually(lambda: len(server.connections) == 3)
            assert [one.entrance.crowd.size for one in server.connections] == [3, 3, 3]
            for _, writer in lines:
                writer.close()
            await server.stop(1)
