"""The hot end of one AMQP connection.

aiormq opens the connection, keeps it alive and speaks all that is rare. It
reads from an ``asyncio.StreamReader`` and writes to a ``StreamWriter`` that
its public ``TransportFactory`` gives it. Here that reader looks at each frame
first: content frames of the channels that are ours go to our handlers and
never reach aiormq, all else is passed on unchanged. What we publish goes to
the same writer in whole frames, all of one event-loop turn in one write.

It is also how we hear of connection.blocked at once, which aiormq only logs,
of a lost connection before aiormq has cleaned up, and of a broker that is
silent for too long. The plain way uses it for nothing else: without handlers
it takes no frame for itself.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, Protocol, SupportsIndex

from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.content import Content
from contracts.brokers.rabbitmq.silence import Silence
from contracts.brokers.rabbitmq.splitter import Splitter, joined
from contracts.fault import Fault

# Bytes that may wait for the socket before a publish is refused.
MAX_UNSENT: Final = 16 * 1024 * 1024
# Bytes that may wait before deliveries are held back, and what is left when they go on.
HIGH_WATER: Final = 4 * 1024 * 1024
LOW_WATER: Final = 1024 * 1024
# aiormq takes a connection for dead that shows it no frame; RabbitMQ sends no heartbeat while it
# sends anything else. So for what we took aiormq is shown one, at most this often (seconds).
SIGN_OF_LIFE: Final = 1.0

_BEGINS_CONTENT = frozenset({frames.BASIC_DELIVER, frames.BASIC_RETURN})
_CONFIRMS = frozenset({frames.BASIC_ACK, frames.BASIC_NACK})


class Handler(Protocol):
    """Who takes the content frames of a channel."""

    @property
    def content(self) -> Content:
        """Where the pieces of a message are put together that come one by one."""
        ...

    def on_content(self, method: bytes, header: bytes, body: bytes) -> None:
        """Take a basic.deliver or basic.return: payloads of method and header, and the body."""
        ...

    def on_confirm(self, method: frames.Method, payload: bytes) -> None:
        """Take a basic.ack or basic.nack."""
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
        # Called when the socket takes bytes again.
        self.on_writable: list[Callable[[], None]] = []
        # Whether more than HIGH_WATER waits for the socket.
        self.paused = False
        self.lost_because = ""
        self.splitter = Splitter()
        self.silence = Silence(self._hear_silence)
        # While what came is handed over: what is sent meanwhile leaves right after it.
        self.reading = False
        self._after_reading: list[Callable[[], None]] = []
        self._writer: asyncio.StreamWriter | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsent: list[bytes] = []
        # Who has a last word to add before the next write.
        self._closers: list[Callable[[], bytes]] = []
        self._unsent_bytes = 0

    def __repr__(self) -> str:
        return f"<Wire channels={sorted(self.handlers)} lost={self.lost_because!r}>"

    def attach(self, writer: asyncio.StreamWriter) -> None:
        """Take the writer of the connection that was made."""
        self._writer = writer
        # Asked for once: asyncio asks the kernel for the process's id each time it is asked.
        self._loop = asyncio.get_running_loop()

    @property
    def choked(self) -> bool:
        """Whether too much waits already, for the socket or for the end of this turn."""
        unsent = self._unsent_bytes
        if self.paused and self._writer is not None:
            unsent += self._writer.transport.get_write_buffer_size()
        return unsent > MAX_UNSENT

    def crowded(self) -> bool:
        """Whether so much waits that no more work should be begun."""
        return self.paused or self._unsent_bytes > HIGH_WATER

    def send(self, data: bytes) -> None:
        """Send whole frames, together with all others of this turn of the loop."""
        if not self._unsent:
            self._plan_flush()
        self._unsent.append(data)
        self._unsent_bytes += len(data)

    def send_now(self, data: bytes) -> None:
        """Send whole frames, behind what waits, without waiting for the end of this turn.

        For what somebody can begin to work on meanwhile: a write costs as much as some calls do.
        """
        self._unsent.append(data)
        self._write()

    def send_last(self, closer: Callable[[], bytes]) -> None:
        """Send what ``closer`` gives when the time has come, behind all else of this turn."""
        if not self._closers:
            self._plan_flush()
        self._closers.append(closer)

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back when all that came in one piece is handed over; in the next turn otherwise."""
        if self.reading:
            self._after_reading.append(callback)
        else:
            (self._loop or asyncio.get_running_loop()).call_soon(callback)

    def has_read(self) -> None:
        """Take note that all that came is handed over."""
        while self._after_reading:
            callbacks, self._after_reading = self._after_reading, []
            for callback in callbacks:
                callback()
        self.reading = False
        # Answers leave with the turn that brought the questions, and not one turn later.
        self.flush()

    def flush(self) -> None:
        """Write what waits. Before anything that aiormq sends and that must come after it."""
        if self._closers:
            closers, self._closers = self._closers, []
            self._unsent += [closer() for closer in closers]
        if self._unsent:
            self._write()

    def _write(self) -> None:
        was_full = self._unsent_bytes > HIGH_WATER
        unsent, self._unsent, self._unsent_bytes = self._unsent, [], 0
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(b"".join(unsent))
        if was_full and not self.paused:
            # The socket took it all at one go, so the transport will not tell.
            self.hear_writable(paused=False)

    def _plan_flush(self) -> None:
        if not self.reading:
            (self._loop or asyncio.get_running_loop()).call_soon(self.flush)

    def hear_writable(self, *, paused: bool) -> None:
        """Hear from the transport whether it takes more."""
        self.paused = paused
        if not paused:
            for listener in tuple(self.on_writable):
                listener()

    def lost(self, reason: str) -> None:
        """Take the loss of the connection; the first reason is the true one."""
        if self.lost_because:
            return
        self.lost_because = reason
        self.silence.stop()
        if self.on_lost is not None:
            self.on_lost(reason)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self.silence.stop()
        if self._writer is not None:
            self._writer.transport.abort()

    def on_control(self, payload: bytes) -> None:
        """Listen to what the broker says about the connection."""
        method = payload[:4]
        if method == frames.CONNECTION_BLOCKED and self.on_blocked is not None:
            self.on_blocked(frames.read_blocked(payload) or "no reason given")
        elif method == frames.CONNECTION_UNBLOCKED and self.on_blocked is not None:
            self.on_blocked("")
        elif method == frames.CONNECTION_CLOSE:
            self.lost(frames.read_close(payload))

    def _hear_silence(self, seconds: float) -> None:
        self.lost(f"no sign of life from the broker for {seconds:g} s")
        self.abort()


class Tap(asyncio.StreamReader):
    """The reader that aiormq reads from, without the frames that are ours."""

    def __init__(self, wire: Wire, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._wire = wire
        self._clock = loop.time
        self._passed_at = loop.time()
        self._begun = False
        # Whatever it is that the other end speaks, it is not AMQP: let aiormq say so.
        self._foreign = False

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        """Sort the frames that came."""
        raw = data if type(data) is bytes else bytes(data)
        wire, now = self._wire, self._clock()
        wire.silence.heard_at = now
        wire.reading = True
        try:
            passed = raw if self._foreign else self._sort(raw)
        # A number or a string that is not there whole is an error of these kinds.
        except (IndexError, ValueError, frames.StructError) as error:
            self._fail(str(error) if isinstance(error, frames.ProtocolError) else repr(error))
            return
        finally:
            wire.has_read()
        if passed:
            self._passed_at = now
            super().feed_data(passed)
        elif now - self._passed_at > SIGN_OF_LIFE:
            self._passed_at = now
            super().feed_data(frames.HEARTBEAT_FRAME)

    def feed_eof(self) -> None:
        """Take the end of the connection."""
        self._wire.lost("the broker closed the connection")
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """Take the failure of the connection."""
        self._wire.lost(str(exc) or type(exc).__name__)
        super().set_exception(exc)

    def _fail(self, what: str) -> None:
        self._wire.lost(f"the broker sent what is no AMQP: {what}")
        self._wire.abort()

    def _sort(self, data: bytes) -> bytes:
        """Hand our frames over and give back the others."""
        splitter = self._wire.splitter
        handlers = self._wire.handlers
        passed = b""
        for frame in splitter.feed(data):
            kind, channel, payload, header, body = frame
            handler = handlers.get(channel)
            if handler is None:
                if not channel and kind == frames.METHOD:
                    self._wire.on_control(payload)
                passed += joined(frame)
            elif kind == frames.CONTENT:
                handler.content.check_idle()
                handler.on_content(payload, header, body)
            elif not _take(handler, kind, payload):
                passed += joined(frame)
            self._begun = True
        if splitter.error:
            if self._begun:
                raise frames.ProtocolError(splitter.error)
            self._foreign = True
            return splitter.rest
        return passed


def _take(handler: Handler, kind: int, payload: bytes) -> bool:
    """Give a frame to its handler; ``False`` when it is for aiormq as well."""
    content, whole = handler.content, None
    if kind == frames.METHOD:
        method = payload[:4]
        content.check_idle()
        if method in _BEGINS_CONTENT:
            content.method(payload)
        elif method in _CONFIRMS:
            handler.on_confirm(method, payload)
        else:
            _hear_method(handler, payload)
            return False
    elif kind == frames.HEADER:
        whole = content.header(payload)
    elif kind == frames.BODY:
        whole = content.body(payload)
    else:
        return False
    if whole is not None:
        handler.on_content(*whole)
    return True


def _hear_method(handler: Handler, payload: bytes) -> None:
    method = payload[:4]
    if method == frames.CHANNEL_CLOSE:
        handler.on_closed(frames.read_close(payload))
    elif method == frames.BASIC_CANCEL:
        handler.on_closed("the broker cancelled the consumer: its queue is gone")


def refuse_when_choked(wire: Wire) -> None:
    """Raise Fault ``broker_blocked`` when the broker reads too slowly."""
    if wire.choked:
        raise Fault("broker_blocked", "the broker reads more slowly than we write")
