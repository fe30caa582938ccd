"""One HTTP/1.1 connection as a client: a request out, its answer in, again and again."""

import asyncio
from typing import Final, cast

import httptools

Headers = tuple[tuple[str, str], ...]

# Bytes of one answer: a message has no more, and a stream without an end must not fill the memory.
MAX_BODY: Final = 64 * 1024**2

_LOWEST_FINAL: Final = 200


class NoAnswerError(Exception):
    """No answer came, or none that can be understood; the text says why."""


class Connection(asyncio.Protocol):
    """Asks one request at a time. ``reusable`` says whether it can be asked another."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[None] | None = None
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._size = 0
        self._head = False
        self._status = 0
        self._keep = False
        self._between = True

    @property
    def reusable(self) -> bool:
        """Whether it is open and waits for nothing."""
        transport = self._transport
        return self._between and self._keep and transport is not None and not transport.is_closing()

    async def ask(self, request: bytes, method: str, within: float) -> tuple[int, Headers, bytes]:
        """Send a request and give status, headers and body, within so many seconds.

        Raises ``NoAnswerError``.
        """
        if self._transport is None or self._transport.is_closing():
            raise NoAnswerError("the connection was closed")
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        # A timer: asyncio.timeout costs as much as all the rest here.
        timer = loop.call_later(within, self._fail, "no answer in time")
        self._head = method == "HEAD"
        self._begin()
        self._between = self._keep = False
        self._transport.write(request)
        try:
            await self._answer
        finally:
            timer.cancel()
        return self._status, tuple(self._headers), b"".join(self._body)

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
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"the answer is no HTTP: {error}")
        else:
            if self._size > MAX_BODY:
                self._fail(f"the answer has more than {MAX_BODY} bytes")

    def connection_lost(self, error: Exception | None) -> None:
        """End: an answer that has no length ends with its connection, any other is lost."""
        if not self._between and self._status and not self._measured():
            self._finish(keep=False)
        self._keep = False
        if not self._between:
            self._fail(f"the connection was lost{f': {error}' if error else ''}")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; called by the parser, as all below."""
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """An answer to HEAD ends here, whatever length it names (RFC 9110 section 9.3.2)."""
        self._status = self._parser.get_status_code()
        if self._head and self._status >= _LOWEST_FINAL:
            self._finish(keep=self._parser.should_keep_alive())
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
            self._finish(keep=self._parser.should_keep_alive())

    def _begin(self) -> None:
        self._headers, self._body, self._size, self._status = [], [], 0, 0

    def _measured(self) -> bool:
        """Whether the answer says where it ends (RFC 9112 section 6.3)."""
        return any(name in {"content-length", "transfer-encoding"} for name, _ in self._headers)

    def _finish(self, *, keep: bool) -> None:
        self._between, self._keep = True, keep
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    def _fail(self, why: str) -> None:
        self._keep = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswerError(why))
        self.close()
