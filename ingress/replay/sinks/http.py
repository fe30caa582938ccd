"""Calls sent over HTTP/1.1: to a gateway, or to any other URL.

The client is a lean one of our own on httptools: a replay has to keep up with what many clients
did together, and a general client costs several times what the gateway itself spends on a call.
"""

import asyncio
import os
import re
import ssl
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final
from urllib.parse import urlsplit

import msgspec

from contracts.call import Call
from contracts.fault import PROBLEM_JSON
from ingress.compare.answer import Answer
from ingress.replay.item import Item
from ingress.replay.mark import HEADER, Marks
from ingress.replay.sinks.answers import AnswerReader
from ingress.replay.sinks.connection import Connection, NoAnswerError, Told
from ingress.replay.sinks.port import Sent
from ingress.request_id import HEADER as REQUEST_ID

_PORTS: Final = {"http": 80, "https": 443}
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_LINE: Final = re.compile(r"[\r\n\0]")
# What would end the request line early, or be none of its target (RFC 9112 section 3.2).
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f]")
# Methods whose body may be missing without a word (RFC 9110 section 8.6).
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "DELETE"})


class HttpSink:
    """Sends to the server at ``url``; its path stands before that of each call.

    ``timeout`` in seconds is what one call may take, its connection included. Raises
    ``ValueError`` for a URL that is none.
    """

    def __init__(self, url: str, *, timeout: float = 30.0, marks: Marks | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"a URL is written http://host:port, not {_harmless(url)!r}")
        self._host = parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._prefix = parts.path.rstrip("/")
        self._authority = parts.netloc.rpartition("@")[2]
        self._timeout = timeout
        self._marks = marks or Marks()
        self._idle: deque[Connection] = deque()
        self._asked: set[Connection] = set()
        self._reader = AnswerReader()
        self.name = f"{parts.scheme}://{self._authority}{self._prefix}"

    def __repr__(self) -> str:
        return f"<HttpSink {self.name}>"

    async def send(self, item: Item, run: str) -> Sent:
        """Send one call over a connection of its own for that time."""
        path = self._path(item)
        if not path:
            return Sent(Answer(error="it cannot be written as an HTTP request"), left=False)
        began = time.perf_counter()
        try:
            connection = self._waiting() or await self._connect()
        except TimeoutError:
            return Sent(Answer(error=f"cannot connect within {self._timeout:g} s"), left=False)
        except OSError as error:
            # asyncio puts the address into the text, which makes each one another.
            reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
            return Sent(Answer(error=f"cannot connect: {reason}"), left=False)
        within = self._timeout - (time.perf_counter() - began)
        try:
            request = self._request(item, f"{run}/{item.original}", path)
            status, headers, body = await connection.ask(request, item.method, within)
        except NoAnswerError as error:
            return Sent(Answer(error=str(error)))
        finally:
            self._put_back(connection)
        return _sent((status, headers, body), time.perf_counter() - began)

    def begin(self, item: Item, run: str, tell: Callable[[Sent], None]) -> bool:
        """Send one call at once if a connection waits for one."""
        path = self._path(item)
        connection = self._waiting() if path else None
        if connection is None:
            return False
        began = time.perf_counter()
        self._asked.add(connection)

        def end(answer: Told | NoAnswerError) -> None:
            self._asked.discard(connection)
            self._put_back(connection)
            if isinstance(answer, NoAnswerError):
                tell(Sent(Answer(error=str(answer))))
            else:
                tell(_sent(answer, time.perf_counter() - began))

        request = self._request(item, f"{run}/{item.original}", path)
        connection.begin(request, item.method, self._timeout, end)
        return True

    async def close(self) -> None:
        """Close the connections."""
        for connection in (*self._idle, *self._asked):
            connection.close()
        self._idle.clear()

    def _put_back(self, connection: Connection) -> None:
        """Keep a connection; one that was left in the middle is closed."""
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()

    def _path(self, item: Item) -> str:
        """Give the target of a request; empty for what cannot be written as one."""
        path = f"{self._prefix}{item.target}"
        return path if _NAME.fullmatch(item.method) and not _UNFIT.search(path) else ""

    def _waiting(self) -> Connection | None:
        """Give a connection that is open and free."""
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout):
            _, connection = await loop.create_connection(
                partial(Connection, self._reader), self._host, self._port, ssl=self._tls
            )
        return connection

    def _request(self, item: Item, replay: str, path: str) -> bytes:
        body = item.body
        lines = [f"{item.method} {path} HTTP/1.1\r\nhost: {self._authority}\r\n"]
        lines += [_line(*pair) for pair in item.headers]
        # Without a key it is only a note: no gateway of ours believes it, others may read it.
        lines.append(f"{HEADER}: {self._marks.sign(_asked(item, replay)) or replay}\r\n")
        if body or item.method not in _WITHOUT_BODY:
            lines.append(f"content-length: {len(body)}\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("utf-8", "surrogateescape") + body


def _sent(told: Told, seconds: float) -> Sent:
    status, headers, body = told
    id_ = code = ""
    for name, value in headers:
        if name == REQUEST_ID:
            id_ = id_ or value
        elif name == "content-type" and value == PROBLEM_JSON:
            code = _code(body)
    answer = Answer(status=status, headers=headers, body=body, code=code, seconds=seconds)
    return Sent(answer, id_)


def _asked(item: Item, replay: str) -> Call:
    """Give as much of the call as its mark is for."""
    return Call(
        id="",
        operation="",
        method=item.method,
        path=item.path,
        query=item.query,
        body=item.body,
        replay=replay,
    )


@lru_cache(maxsize=1024)
def _line(name: str, value: str) -> str:
    """Write a header; one that could end its line early is left out."""
    return f"{name}: {value}\r\n" if _NAME.fullmatch(name) and not _LINE.search(value) else ""


def _code(body: bytes) -> str:
    try:
        document = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ""
    code = document.get("code", "") if isinstance(document, dict) else ""
    return code if isinstance(code, str) else ""


def _harmless(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//***@", url)
