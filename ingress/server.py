"""A Sanic app on a socket, in the loop that we own.

Sanic's own runner cancels background tasks before requests have finished, and
its worker manager can spin at shutdown (sanic issue 2906); its documented
``create_server`` leaves the life cycle to the caller, so this file has it.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from sanic import Sanic
from sanic.config import Config
from sanic.http import Http
from sanic.server.async_server import AsyncioServer
from sanic.server.protocols.http_protocol import HttpProtocol

from ingress.connection import Connection
from ingress.edge import Edge
from ingress.guard.entrance import Entrance
from ingress.guard.limits import MOST
from ingress.guard.pace import Pace
from ingress.supervisor import BACKLOG

App = Sanic[Config, Any]


class Server:
    """Serves one app on one listening socket.

    With an ``edge`` the usual requests go to it by the short way, past the app.
    ``entrance`` gives what holds for a new connection, and ``tls`` makes it HTTPS.
    """

    def __init__(
        self,
        app: App,
        sock: socket.socket,
        edge: Edge | None = None,
        entrance: Callable[[], Entrance] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._app = app
        self._sock = sock
        self._edge = edge
        # Asked for each connection; those that are there go on with theirs.
        usual = Entrance()
        self._entrance = entrance or (lambda: usual)
        self._tls = tls
        self._pace = Pace()
        self._server: AsyncioServer | None = None

    async def start(self) -> None:
        """Start to accept connections."""
        # Sanic rewrites its own classes at the first start of a process, to
        # drop signals that nobody listens to; it cannot do so twice.
        self._app.config.TOUCHUP = not getattr(HttpProtocol, "__touched__", False)
        # Of the whole process, and above the limit that is ours to hold (ingress.grammar).
        Http.HEADER_CEILING = self._app.config.REQUEST_MAX_HEADER_SIZE = MOST
        server = await self._app.create_server(
            sock=self._sock,
            # A class for Sanic, which only calls it.
            protocol=cast("type[Connection]", self._connect),
            ssl=self._tls,
            # Sanic's own is 100, and replaces what the socket was told.
            backlog=BACKLOG,
            asyncio_server_kwargs={"start_serving": False, **self._handshake()},
        )
        if server is None:
            msg = "Sanic made no server"
            raise RuntimeError(msg)
        # Sanic leaves these without types.
        await server.startup()  # type: ignore[no-untyped-call]
        await server.before_start()  # type: ignore[no-untyped-call]
        await server.start_serving()  # type: ignore[no-untyped-call]
        await server.after_start()  # type: ignore[no-untyped-call]
        self._server = server

    def _connect(self, **given: Any) -> Connection:  # noqa: ANN401 - Sanic's own
        return Connection(edge=self._edge, entrance=self._entrance(), pace=self._pace, **given)

    def _handshake(self) -> dict[str, float]:
        """Give a handshake no more time than a header section."""
        if self._tls is None:
            return {}
        return {"ssl_handshake_timeout": self._entrance().limits.header_timeout}

    @property
    def connections(self) -> set[Connection]:
        """The open connections."""
        return self._server.connections if self._server is not None else set()

    async def last_call(self, within: float) -> None:
        """Take who has knocked already and nobody after, and let them ask.

        A connection that the kernel made and nobody accepts is reset, and so
        is one that is closed while its request is on the way: their clients
        would take it for a crash. So all that wait are accepted before the
        socket closes, and ``within`` seconds are given to what is on the way.
        """
        server = self._server.server if self._server is not None else None
        if server is None or not server.is_serving():
            return
        loop, connections = asyncio.get_running_loop(), self.connections
        with self._sock.dup() as waiting:
            server.close()
            # uvloop closes what it holds a turn later; from then on the door is ours alone.
            for _ in range(3):
                await asyncio.sleep(0)
            self._sock.close()
            with suppress(BlockingIOError):
                while True:
                    sock, _ = waiting.accept()
                    await loop.connect_accepted_socket(
                        lambda: self._connect(loop=loop, app=self._app, connections=connections),
                        sock,
                        ssl=self._tls,
                        **self._handshake(),
                    )
        await self._emptied(within, let_go=False)

    def refuse_more(self) -> None:
        """Stop to accept connections, and close those that wait for nothing.

        The others close after their answer.
        """
        if self._server is None or self._server.server is None:
            return
        self._server.server.close()
        for connection in list(self.connections):
            # What has bytes in it is about to be no longer idle.
            if not connection.recv_buffer:
                connection.close_if_idle()

    async def stop(self, within: float) -> None:
        """Wait for open connections, at most ``within`` seconds, then cut."""
        self.refuse_more()
        if self._server is None:
            return
        await self._emptied(within, let_go=True)
        for connection in list(self.connections):
            connection.abort()  # type: ignore[no-untyped-call]
        await self._server.before_stop()  # type: ignore[no-untyped-call]
        await self._server.after_stop()  # type: ignore[no-untyped-call]

    async def _emptied(self, within: float, *, let_go: bool) -> None:
        """Wait for the last connection's end, which Sanic has no event for."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while self.connections and loop.time() < end:
            for connection in list(self.connections) if let_go else ():
                connection.close_if_idle()
            await asyncio.sleep(0.01)
