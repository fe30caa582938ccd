"""One HTTP/1.1 connection as a client: a request out, its answer in, again and again."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, cast

import httptools

from ingress.replay.sinks.answers import AnswerReader, Headers

Told = tuple[int, Headers, bytes]
"""Status, headers and body of an answer."""

# Bytes of one answer: a message has no more, and a stream without an end must not fill the memory.
MAX_BODY: Final = 64 * 1024**2

_LOWEST_FINAL: Final = 200


class NoAnswerError(Exception):
    """No answer came, or none that can be understood; the text says why."""


class Connection(asyncio.Protocol):
    """Asks one request at a time. ``reusable`` says whether it can be asked another.

    Connections to one server may share a ``reader``, which knows what that server says.
    """

    def __init__(self, reader: AnswerReader | None = None) -> None:
        self._reader = reader or AnswerReader()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._tell: Callable[[Told | NoAnswerError], None] | None = None
        # When no answer comes any more, and what looks then whether that is so.
        self._due = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._size = 0
        self._head = False
        self._status = 0
        self._keep = False
        self._between = True
        # Whether nothing has come of this answer yet.
        self._fresh = True

    @property
    def reusable(self) -> bool:
        """Whether it is open and waits for nothing."""
        transport = self._transport
        return self._between and self._keep and transport is not None and not transport.is_closing()

    async def ask(self, request: bytes, method: str, within: float) -> Told:
        """Send a request and give status, headers and body, within so many seconds.

        Raises ``NoAnswerError``.
        """
        answer: asyncio.Future[Told] = self._loop.create_future()
        self.begin(request, method, within, partial(_settle, answer))
        return await answer

    def begin(
        self,
        request: bytes,
        method: str,
        within: float,
        tell: Callable[[Told | NoAnswerError], None],
    ) -> None:
        """Send a request, and tell the answer, or why there is none, within so many seconds.

        A task and a future for each request would cost more than to read its answer.
        """
        if self._transport is None or self._transport.is_closing():
            tell(NoAnswerError("the connection was closed"))
            return
        self._tell = tell
        self._expect(within)
        self._head = method == "HEAD"
        self._between = self._keep = False
        self._fresh = True
        self._transport.write(request)

    def close(self) -> None:
        """Close it now, whatever is on the way."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; called by asyncio, as the next two."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes of an answer; those that nobody asked for end the connection."""
        if self._between:
            self.close()
            return
        if self._fresh and not self._head and (told := self._reader.read(data)):
            self._between = self._keep = True
            self._say(told)
            return
        if self._fresh:
            self._fresh = False
            self._begin()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"the answer is no HTTP: {error}")
        else:
            if self._size > MAX_BODY:
                self._fail(f"the answer has more than {MAX_BODY} bytes")

    def connection_lost(self, error: Exception | None) -> None:
        """End: an answer that has no length ends with its connection, any other is lost."""
        if not (self._between or self._fresh) and self._status and not self._measured():
            self._finish(self._told(), keep=False)
        self._keep = False
        if not self._between:
            self._fail(f"the connection was lost{f': {error}' if error else ''}")
        if self._alarm is not None:
            self._alarm.cancel()

    def on_message_begin(self) -> None:
        """End the connection for what nobody asked for; called by the parser, as all below."""
        if self._between:
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        # The white space behind a value is no part of it (RFC 9110 section 5.5).
        text = value.rstrip(b" \t").decode("latin-1")
        self._headers.append((name.decode("latin-1").lower(), text))

    def on_headers_complete(self) -> None:
        """An answer to HEAD ends here, whatever length it names (RFC 9110 section 9.3.2)."""
        self._status = self._parser.get_status_code()
        if self._head and self._status >= _LOWEST_FINAL:
            self._finish(self._told(), keep=self._parser.should_keep_alive())
            # The parser waits for the body that does not come.
            self._parser = httptools.HttpResponseParser(self)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._size += len(body)
        self._body.append(body)

    def on_message_complete(self) -> None:
        """An interim answer (1xx) is none: the next one counts."""
        if self._status < _LOWEST_FINAL:
            self._begin()
        elif not self._between:
            self._finish(self._told(), keep=self._parser.should_keep_alive())

    def _begin(self) -> None:
        self._headers, self._body, self._size, self._status = [], [], 0, 0

    def _measured(self) -> bool:
        """Whether the answer says where it ends (RFC 9112 section 6.3)."""
        return any(name in {"content-length", "transfer-encoding"} for name, _ in self._headers)

    def _told(self) -> Told:
        return self._status, tuple(self._headers), b"".join(self._body)

    def _finish(self, told: Told, *, keep: bool) -> None:
        self._between, self._keep = True, keep
        tell, self._tell = self._tell, None
        if tell is not None:
            # Not at once: the next request must not get what stands behind this answer.
            self._loop.call_soon(tell, told)

    def _fail(self, why: str) -> None:
        self._keep = False
        self.close()
        self._say(NoAnswerError(why))

    def _say(self, answer: Told | NoAnswerError) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            tell(answer)

    def _expect(self, within: float) -> None:
        """Fail when no answer comes in time.

        The alarm of the requests before goes on: to set one each time costs as much as all the rest
        here, and ``asyncio.timeout`` still more.
        """
        self._due = self._loop.time() + within
        if self._alarm is not None and self._alarm_at > self._due:
            self._alarm.cancel()
            self._alarm = None
        if self._alarm is None:
            self._alarm_at = self._due
            self._alarm = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._alarm = None
        if self._between:
            return
        if self._due > self._loop.time():
            self._alarm_at = self._due
            self._alarm = self._loop.call_at(self._due, self._look)
        else:
            self._fail("no answer in time")


def _settle(future: asyncio.Future[Told], answer: Told | NoAnswerError) -> None:
    if future.done():
        return
    if isinstance(answer, NoAnswerError):
        future.set_exception(answer)
    else:
        future.set_result(answer)
