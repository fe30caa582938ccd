"""The hot end of one AMQP connection.

aiormq opens the connection, keeps it alive and speaks all that is rare. It
reads from an ``asyncio.StreamReader`` and writes to a ``StreamWriter`` that
its public ``TransportFactory`` gives it. Here that reader looks at each frame
first: content frames of the channels that are ours go to our handlers and
never reach aiormq, all else is passed on unchanged. What we publish goes to
the same writer in whole frames, all of one event-loop turn in one write.

It is also how we hear of connection.blocked at once, which aiormq only logs,
and of a lost connection before aiormq has cleaned up.
"""

import asyncio
import struct
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, SupportsIndex

import aiormq
import aiormq.connection
from yarl import URL

from contracts.brokers.rabbitmq import frames
from contracts.fault import Fault

# Bytes that may wait for the socket before a publish is refused.
MAX_UNSENT: Final = 16 * 1024 * 1024
# aiormq takes a connection for dead that shows it no frame; RabbitMQ sends no heartbeat while it
# sends anything else. So for what we took aiormq is shown one, at most this often (seconds).
SIGN_OF_LIFE: Final = 1.0

_TAKEN = frozenset({frames.BASIC_DELIVER, frames.BASIC_RETURN, frames.BASIC_ACK, frames.BASIC_NACK})
_FRAME_TYPES = frozenset({frames.METHOD, frames.HEADER, frames.BODY, frames.HEARTBEAT})


class Handler(Protocol):
    """Who takes the content frames of a channel."""

    def on_method(self, method: frames.Method, payload: bytes) -> None:
        """Take one of basic.deliver, return, ack and nack."""
        ...

    def on_header(self, payload: bytes) -> None:
        """Take a content header."""
        ...

    def on_body(self, payload: bytes) -> None:
        """Take a piece of content."""
        ...

    def on_closed(self, reason: str) -> None:
        """Hear that the broker closed the channel or cancelled its consumer."""
        ...


class Wire:
    """One connection as the hot path sees it."""

    def __init__(self) -> None:
        self.handlers: dict[int, Handler] = {}
        # Called once when the connection is gone, or is about to be.
        self.on_lost: Callable[[str], None] | None = None
        # Called with the reason, and with "" when it is over.
        self.on_blocked: Callable[[str], None] | None = None
        self.lost_because = ""
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[bytes] = []

    def __repr__(self) -> str:
        return f"<Wire channels={sorted(self.handlers)} lost={self.lost_because!r}>"

    def attach(self, writer: asyncio.StreamWriter) -> None:
        """Take the writer of the connection that was made."""
        self._writer = writer

    @property
    def choked(self) -> bool:
        """Whether too much waits for the socket already."""
        return self._writer is not None and (
            self._writer.transport.get_write_buffer_size() > MAX_UNSENT
        )

    def send(self, data: bytes) -> None:
        """Send whole frames, together with all others of this turn of the loop."""
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self.flush)
        self._unsent.append(data)

    def flush(self) -> None:
        """Write what waits. Before anything that aiormq sends and that must come after it."""
        unsent, self._unsent = self._unsent, []
        if unsent and self._writer is not None and not self._writer.is_closing():
            self._writer.write(b"".join(unsent))

    def lost(self, reason: str) -> None:
        """Take the loss of the connection; the first reason is the true one."""
        if self.lost_because:
            return
        self.lost_because = reason
        if self.on_lost is not None:
            self.on_lost(reason)

    def abort(self) -> None:
        """Cut the connection without a word."""
        if self._writer is not None:
            self._writer.transport.abort()

    def on_control(self, method: frames.Method, payload: bytes) -> None:
        """Listen to what the broker says about the connection."""
        if method == frames.CONNECTION_BLOCKED and self.on_blocked is not None:
            self.on_blocked(frames.read_blocked(payload) or "no reason given")
        elif method == frames.CONNECTION_UNBLOCKED and self.on_blocked is not None:
            self.on_blocked("")
        elif method == frames.CONNECTION_CLOSE:
            self.lost(frames.read_close(payload))


class Tap(asyncio.StreamReader):
    """The reader that aiormq reads from, without the frames that are ours."""

    def __init__(self, wire: Wire, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._wire = wire
        self._clock = loop.time
        self._rest = b""
        self._passed_at = loop.time()
        # Whatever it is that the other end speaks, it is not AMQP: let aiormq say so.
        self._foreign = False

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        """Sort the frames that came."""
        try:
            raw = data if isinstance(data, bytes) else bytes(data)
            passed = raw if self._foreign else self._sort(self._rest + raw)
        except (IndexError, ValueError, struct.error) as error:
            self._wire.lost(f"the broker sent what is no AMQP: {error!r}")
            self._wire.abort()
            return
        if passed:
            self._passed_at = self._clock()
            super().feed_data(passed)
        elif self._clock() - self._passed_at > SIGN_OF_LIFE:
            self._passed_at = self._clock()
            super().feed_data(frames.HEARTBEAT_FRAME)

    def feed_eof(self) -> None:
        """Take the end of the connection."""
        self._wire.lost("the broker closed the connection")
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """Take the failure of the connection."""
        self._wire.lost(str(exc) or type(exc).__name__)
        super().set_exception(exc)

    def _sort(self, data: bytes) -> bytes:
        """Hand our frames over and give back the others."""
        passed: list[bytes] = []
        at, end = 0, len(data)
        while end - at >= frames.FRAME_HEAD.size:
            kind, channel, size = frames.FRAME_HEAD.unpack_from(data, at)
            if kind not in _FRAME_TYPES:
                self._foreign = True
                self._rest = b""
                return b"".join((*passed, data[at:]))
            stop = at + size + frames.OVERHEAD
            if stop > end:
                break
            if not self._take(kind, channel, data[at + 7 : stop - 1]):
                passed.append(data[at:stop])
            at = stop
        self._rest = data[at:]
        return b"".join(passed)

    def _take(self, kind: int, channel: int, payload: bytes) -> bool:
        """Hand one frame over, if it is ours."""
        if not channel:
            if kind == frames.METHOD:
                self._wire.on_control(frames.METHOD_ID.unpack_from(payload), payload)
            return False
        handler = self._wire.handlers.get(channel)
        if handler is None:
            return False
        if kind == frames.BODY:
            handler.on_body(payload)
        elif kind == frames.HEADER:
            handler.on_header(payload)
        else:
            method: frames.Method = frames.METHOD_ID.unpack_from(payload)
            if method in _TAKEN:
                handler.on_method(method, payload)
                return True
            if method == frames.CHANNEL_CLOSE:
                handler.on_closed(frames.read_close(payload))
            elif method == frames.BASIC_CANCEL:
                handler.on_closed("the broker cancelled the consumer: its queue is gone")
            return False
        return True


class Transports(aiormq.connection.TransportFactory):
    """Makes the connection that a Wire taps; TCP, or TLS for amqps."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def create(
        self,
        url: URL,
        **kwargs: Any,  # noqa: ANN401 - handed on to the event loop
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect; raises what aiormq's own factories raise."""
        contexts = kwargs.pop("ssl_context_provider")
        tls = await contexts.get_context() if url.scheme == "amqps" else None
        loop = asyncio.get_running_loop()
        reader = Tap(self._wire, loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        try:
            transport, _ = await loop.create_connection(
                lambda: protocol, url.host or "", url.port or 0, ssl=tls, **kwargs
            )
        except OSError as error:
            raise aiormq.exceptions.AMQPConnectionError(*error.args) from error
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self._wire.attach(writer)
        return reader, writer


def refuse_when_choked(wire: Wire) -> None:
    """Raise Fault ``broker_blocked`` when the broker reads too slowly."""
    if wire.choked:
        raise Fault("broker_blocked", "the broker reads more slowly than we write")
