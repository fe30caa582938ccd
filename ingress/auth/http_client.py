"""Asks other services over HTTP: for keys, about tokens, whether a call may pass.

Bounded in all that the other side decides: how long it takes, how much it says, where it points to.
A redirect is an answer like any other and is not followed, so that what is asked is asked of those
whom the settings name and nobody else.
"""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from ingress.lazy import lazy

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = lazy("aiohttp")

# Connections to all others together, and seconds that one waits for its next use.
_CONNECTIONS: Final = 64
_IDLE: Final = 15.0
_MAX_FIELD: Final = 16_384

Fields = tuple[tuple[str, str], ...]


class Unreachable(Exception):
    """The other side gave no answer that could be read. The text says why, for the log."""


class Answer(msgspec.Struct, frozen=True):
    """What the other side said; names of fields in lower case."""

    status: int
    fields: Fields
    body: bytes

    def field(self, name: str) -> str:
        """Give the first value of a field, empty when there is none."""
        return next((value for known, value in self.fields if known == name), "")


class HttpClient:
    """``answer = await HttpClient().send("GET", url, timeout=2.0, limit=65_536)``.

    Opens nothing before it is used. Has no cookies and takes no proxy from the environment.
    """

    def __init__(self) -> None:
        # Here and not at the first use: what that imports would hold up a request.
        self._errors = (aiohttp.ClientError, OSError, ValueError)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def send(
        self,
        method: str,
        url: str,
        *,
        fields: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        timeout: float,  # noqa: ASYNC109 - of the whole exchange, and told apart from a cancellation
        limit: int,
    ) -> Answer:
        """Ask, within ``timeout`` seconds; an answer of more than ``limit`` bytes is none.

        Raises ``Unreachable``.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(method, url, fields, body, limit)
        except TimeoutError:
            raise Unreachable(f"no answer within {timeout:g} s") from None
        except self._errors as error:
            raise Unreachable(str(error) or type(error).__name__) from None

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(
        self, method: str, url: str, fields: Iterable[tuple[str, str]], body: bytes, limit: int
    ) -> Answer:
        async with self._open().request(
            method, url, headers=list(fields), data=body or None, allow_redirects=False
        ) as response:
            content = await _read(response.content, limit)
            said = tuple((name.lower(), value) for name, value in response.headers.items())
            return Answer(response.status, said, content)

    def _open(self) -> "aiohttp.ClientSession":
        if self._closed:
            raise Unreachable("the client is closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_IDLE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"accept-encoding": "identity", "user-agent": "queuegate"},
                # What is small when it comes may be large when it is unpacked.
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                max_line_size=_MAX_FIELD,
                max_field_size=_MAX_FIELD,
            )
        return self._session

    def __repr__(self) -> str:
        return f"<HttpClient {'closed' if self._closed else 'open' if self._session else 'unused'}>"


async def _read(stream: "aiohttp.StreamReader", limit: int) -> bytes:
    content = bytearray()
    async for chunk in stream.iter_any():
        content += chunk
        if len(content) > limit:
            raise ValueError(f"an answer of more than {limit} bytes")
    return bytes(content)
