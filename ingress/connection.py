"""A client's connection, with a short way for the usual request.

Sanic's protocol has the connection: timeouts, back pressure, closing, and all requests that need
more than one look. A request that is usual (``ingress.head``), and whose bytes are all there, goes
past it: read, answered and written here, with one task and one write. Sanic meanwhile waits for the
first byte of a request, as it would on a connection on which nothing happens.

While a request is on the short way, what else comes in is kept until it has its answer.
"""

import asyncio
import time
from functools import partial
from typing import Any, Final

from sanic.exceptions import RequestTimeout
from sanic.http import Http
from sanic.http.constants import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from contracts.call import Caller
from contracts.fault import Fault
from ingress.edge import Edge
from ingress.guard import certificate, tls
from ingress.guard.entrance import Entrance
from ingress.guard.pace import Pace
from ingress.guard.peer import STRANGER, Peer
from ingress.guard.unread import Unread
from ingress.head import Head
from ingress.protection import networks

# Bytes that a client may send ahead before its socket is no longer read.
_AHEAD: Final = 65_536
# Seconds and bytes that a client may go on to send after the answer that ends its connection.
_LINGER: Final = 1.0
_LEFT: Final = 1024**2
# Seconds between two looks at the clock.
_OFTEN: Final = 0.1
# Of a connection that was turned away nobody has read a request.
_UNREAD: Final = Head("NONE", "*", "", (), 0, 0, "", "", "", marked=False)


class Connection(HttpProtocol):
    """A client's connection.

    ``edge`` answers what goes the short way; without one all goes the long
    way, through Sanic. ``entrance`` is what holds for this connection as long
    as it lasts; ``pace`` is one for all connections of a port.
    """

    __slots__ = (
        "_at",
        "_edge",
        "_later",
        "_left",
        "_lingers",
        "_pace",
        "_read",
        "_special",
        "_stream",
        "_turn",
        "_unread",
        "entrance",
        "peer",
        "trusted",
    )

    def __init__(
        self,
        *,
        edge: Edge | None = None,
        entrance: Entrance | None = None,
        pace: Pace | None = None,
        **given: Any,  # noqa: ANN401 - Sanic's own
    ) -> None:
        super().__init__(**given)
        self._edge = edge
        self._pace = pace or Pace()
        # What Sanic's task has of the request that it is about.
        self._stream: Http | None = None
        self.entrance = entrance or Entrance()
        self._turn: asyncio.Task[None] | None = None
        # What came while a request had no answer, and how much of it has one by now.
        self._later, self._at = b"", 0
        # Whether to end softly, and the bytes that are thrown away meanwhile; none before it ends.
        self._lingers, self._left = False, -1
        # Who is there, of all requests that this connection brings.
        self.peer = STRANGER
        # Whether it is a proxy that is believed; then, as with TLS, a head is looked at twice.
        self.trusted = self._special = False
        self._read = self.entrance.reader(trusted=False).read
        self._unread = Unread()

    @property
    def ahead(self) -> int:
        """Bytes that the client sent before it had the answer to what it asked."""
        return len(self._later) - self._at

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the client is the same for all its requests."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]
        if self.conn_info is None or self.transport is None:
            return
        entrance = self.entrance
        self.peer = _peer(transport, self.conn_info.client_ip)
        address = self.peer.caller.address
        if entrance.proxies is not None and entrance.proxies.trust(address):
            self.trusted = True
            self._read = entrance.reader(trusted=True).read
        self._special = self.trusted or self.peer.secure
        fault = entrance.crowd.enter(address, trusted=self.trusted)
        if fault is not None:
            self._turn_away(self.transport, fault)

    def _turn_away(self, transport: asyncio.Transport, fault: Fault) -> None:
        """Tell one too many why it has no place; not all of a flood."""
        crowd = self.entrance.crowd
        if self._edge is None or crowd.size > 2 * crowd.most:
            transport.abort()
            return
        answer = self._edge.refuse(_UNREAD, self.peer, time.perf_counter(), fault)
        transport.write(answer.encode(head_only=False, keep_alive=False))
        self.linger()
        self.close()

    def data_received(self, data: bytes) -> None:
        """Take bytes: the short way, if they are a usual request, or the long one."""
        if self._turn is not None:
            self._keep(data)
        elif not self._short(data, 0):
            self._long(data)

    def _short(self, data: bytes, start: int) -> bool:
        """Begin with the usual request that stands at ``start``; whether there is one."""
        edge, received = self._edge, time.perf_counter()
        if edge is None or not self._rests():
            return False
        head = self._read(data, start)
        if head is None:
            return False
        end = head.end + head.length
        if end > len(data):
            return False
        peer = self.peer
        if self._special:
            try:
                head, peer = self.entrance.seen(head, peer, trusted=self.trusted)
            except Fault:
                return False
        if end < len(data):
            self._later, self._at = data, end
        self._turn = self.loop.create_task(
            self._answer(edge, head, data[head.end : end], peer, received)
        )
        return True

    def _long(self, data: bytes) -> None:
        before = self._time
        super().data_received(data)
        # A client has time for its header section, not for each byte of it; Sanic's clock would
        # begin anew with each piece. None too before the connection's task has begun: uvloop may
        # be that quick.
        http = self.http
        if http is not None and http.stage is Stage.REQUEST:
            self._time = before

    def _rests(self) -> bool:
        """Whether nothing is under way: no request, no answer that the client has yet to read."""
        http, transport = self.http, self.transport
        return (
            http is not None
            and http.stage is Stage.IDLE
            # After an answer Sanic is idle too while it throws the rest of a body away, which a
            # client may have written to look like a request.
            and not http.request_body
            and not self.recv_buffer
            and self._can_write.is_set()
            # What was told to close answers nothing more: its client asks again elsewhere.
            and transport is not None
            and not transport.is_closing()
        )

    async def _answer(
        self, edge: Edge, head: Head, body: bytes, peer: Peer, received: float
    ) -> None:
        keep_alive = False
        try:
            answer = await edge.answer(head, body, peer, received)
            keep_alive = not edge.draining
            transport = self.transport
            # None after an abort; the client is gone then, whatever the worker said.
            if transport is not None and not transport.is_closing():
                transport.write(
                    answer.encode(head_only=head.method == "HEAD", keep_alive=keep_alive)
                )
        finally:
            self._turn = None
            self._time = time.monotonic()
            if not keep_alive:
                self.close()
        if self._later and transport is not None and not transport.is_closing():
            self._go_on()

    def _keep(self, data: bytes) -> None:
        """Keep what comes while a request has no answer yet."""
        if self._left >= 0:
            self._throw_away(data)
            return
        self._later, self._at = self._later[self._at :] + data, 0
        if self.ahead > _AHEAD and self.transport is not None:
            self.transport.pause_reading()

    def _go_on(self) -> None:
        data, start = self._later, self._at
        self._later, self._at = b"", 0
        short = self._short(data, start)
        if self.ahead <= _AHEAD and self.transport is not None:
            self.transport.resume_reading()
        if not short:
            self._long(data[start:])

    def connection_lost(self, exc: Exception | None) -> None:
        """End: a request without an answer is cancelled."""
        if self._callback_check_timeouts is not None:
            # It would keep all of this in memory until it rings.
            self._callback_check_timeouts.cancel()
        if self.conn_info is not None:
            self.conn_info.lost = True
            self.entrance.crowd.leave(self.peer.caller.address)
        self._pace.soon(partial(self._end, exc))

    def _end(self, exc: Exception | None) -> None:
        # Forgotten too: a task that was cancelled knows by which frames, and they know us.
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.cancel()
        if self.peer.secure and self.transport is not None:
            tls.part(self.transport.get_extra_info("ssl_object"))
        super().connection_lost(exc)  # type: ignore[no-untyped-call]

    def _setup_connection(self, *args: object, **given: object) -> None:
        super()._setup_connection(*args, **given)  # type: ignore[no-untyped-call]
        self._stream = self._http

    def _untie(self) -> None:
        """Part what knows each other in a request that was ended in its middle.

        The garbage collector would find it, by a look at all that there is.
        """
        if self._stream is not None:
            self._stream.request = self._stream.response = None  # type: ignore[assignment]
            self._stream.exception = None
            self._stream = None

    def resume_writing(self) -> None:
        """Note that the client has read most of what waited."""
        self._unread.moved()
        super().resume_writing()  # type: ignore[no-untyped-call]

    def check_timeouts(self) -> None:
        """Close a connection that takes too long; looks again by itself.

        One with a request that is whole is not hurried: its route has a deadline.
        """
        transport, now, limits = self.transport, time.monotonic(), self.entrance.limits
        if transport is None or transport.is_closing():
            return
        if self._unread.stuck(transport.get_write_buffer_size(), now, limits.write_timeout):
            transport.abort()
            return
        if self._turn is not None:
            self._time = now
        elif self._late(now - self._time):
            return
        pause = min(limits.header_timeout, limits.idle_timeout, limits.write_timeout) / 2
        self._callback_check_timeouts = self.loop.call_later(
            max(_OFTEN, pause), self._pace.soon, self.check_timeouts
        )

    def _late(self, waited: float) -> bool:
        """End what has waited too long for the client, or has ended; whether it did."""
        http, task, limits = self.http, self._task, self.entrance.limits
        if http is None or task is None:
            return True
        if http.stage is Stage.IDLE and waited > limits.idle_timeout:
            task.cancel()
            return True
        if http.stage is Stage.REQUEST and waited > limits.header_timeout:
            http.exception = RequestTimeout()
            task.cancel()
            return True
        return False

    def linger(self) -> None:
        """Let the next close be a soft one: the client has more to send, or has sent it.

        Bytes that nobody has read would have the kernel reset the connection, and the client
        would lose the answer that tells it why (RFC 9112 section 9.6).
        """
        self._lingers = True

    def close(self, timeout: float | None = None) -> None:
        """Close the connection, once what is written has gone."""
        if self._task is None:
            # Sanic's task is at its end; it has this called, and looks at nothing more.
            self._untie()
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if not self._lingers:
            # Sanic would cut off a client after five seconds, in the middle of what it reads.
            patience = self.entrance.limits.write_timeout
            super().close(patience if transport.get_write_buffer_size() else timeout)
        elif self._left < 0:
            self._left = 0
            self._turn = self.loop.create_task(self._last_words(transport))

    async def _last_words(self, transport: asyncio.Transport) -> None:
        """Say that no more will come, and give the client a moment to hear it."""
        if not transport.is_closing() and transport.can_write_eof():
            transport.write_eof()
        await asyncio.sleep(_LINGER)
        super().close()

    def _throw_away(self, data: bytes) -> None:
        self._left += len(data)
        if self._left > _LEFT:
            super().close()

    def close_if_idle(self) -> bool:
        """Close the connection if it waits for nothing; says whether it did."""
        if self._left >= 0:
            super().close()
            return True
        return self._turn is None and super().close_if_idle()


def _peer(transport: asyncio.BaseTransport, address: str) -> Peer:
    """Say who connected, with the certificate that the handshake verified."""
    line = transport.get_extra_info("ssl_object")
    read = networks.read(address)
    # One of IPv4 that came by a socket of IPv6 is one of IPv4.
    caller = Caller(address=address if read is None else str(read))
    # None without TLS, without a certificate, and where none was asked for.
    der = line.getpeercert(binary_form=True) if line is not None else None
    return Peer(caller, line is not None, certificate.read(der) if der else None)
