"""Requests put together at random, whole and in pieces: both ways through the edge say the same."""

import asyncio
import random
import re
from typing import Final

import pytest

from tests.ingress import door as doors
from tests.ingress.door import opened, plan
from tests.ingress.test_connection import _OWN, mirror

METHODS: Final = (
    b"GET",
    b"POST",
    b"HEAD",
    b"OPTIONS",
    b"PUT",
    b"get",
    b"CONNECT",
    b"A!#'*~1",
    b"PRI",
)
TARGETS: Final = (
    *(b"/g", b"/x/1", b"/x/1?a=b", b"/x/%00", b"/x/a%2fb", b"/x/../g", b"//g", b'/x/"', b"/x/%zz"),
    *(
        b"/x/%ff",
        b"/x/a\\b",
        b"/g?%zz",
        b"/g#b",
        b"*",
        b"http://a/g",
        b"http://b/g",
        b"http://a@a/g",
        b"/g??",
        b"//a:80/g",
        b"/x/@",
    ),
    *(b"/x/\x7f", b"/x/\xc3\xa9", b"/g\t", b"/g?q=http://x/y?z", b"/x/" + b"a" * 3000),
)
VERSIONS: Final = (*(b"HTTP/1.1",) * 8, b"HTTP/1.0", b"HTTP/2.0", b"http/1.1", b"HTTP/1.1 ")
LINES: Final = (
    *(b"Host: a", b"Host: ", b"Host: a b", b"Host: a,b", b"host:a", b"Host: \xff", b"Host : a"),
    *(b"Host: a:99999", b"Host: [::1]:80", b"Content_Length: 3", b"transfer_encoding: chunked"),
    *(b"Expect: x", b"Expect: 100-continue, x"),
    *(b"Content-Length: 0", b"Content-Length: 3", b"Content-Length:\t3\t", b"Content-Length: 3, 3"),
    *(b"Content-Length: -1", b"Content-Length: 0x3", b"Content-Length: \xb2", b"content-length:3"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"TE: trailers"),
    *(b"Transfer-Encoding:\x0bchunked", b"Connection: close", b"Connection: keep-alive"),
    *(b"Connection: x-a", b"Connection: upgrade", b"Upgrade: h2c", b"Expect: 100-continue"),
    *(
        b"X-Request-ID: a b",
        b"X-Request-ID: \xff",
        b"Tracestate: \xe9",
        b"X-A: 1",
        b"X-A: 2",
        b"x-a:",
    ),
    *(b"X-A : 1", b": a", b"X-A", b" folded", b"X: a\x00b", b"X: \x7f", b"X: \xe9", b"Cookie: a=b"),
    *(b"Queuegate-Replay: x/y", b"Trailer: a", b"X: " + b"y" * 8000),
)
BODIES: Final = (
    b"",
    b"",
    b"abc",
    b"3\r\nabc\r\n0\r\n\r\n",
    b"ab",
    b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n",
)
ENDS: Final = (*(b"\r\n",) * 30, b"\n", b"\r", b"\r\r\n")
_LAST: Final = b"GET /last HTTP/1.0\r\n\r\n"
_CONNECTION: Final = re.compile(rb"connection: [^\r]*\r\n")


def _request(chance: random.Random) -> bytes:
    """Make a request that may have anything wrong with it, or nothing."""
    pick = chance.choice
    lines = [b"Host: a"] if chance.random() < 0.85 else []
    lines += [pick(LINES) for _ in range(pick([0, 1, 1, 2, 3]))]
    chance.shuffle(lines)
    first = b" ".join((pick(METHODS), pick(TARGETS), pick(VERSIONS)))
    data = b"".join(line + pick(ENDS) for line in (first, *lines, b"")) + pick(BODIES)
    if chance.random() < 0.15:
        at = chance.randrange(len(data))
        data = data[:at] + bytes([chance.randrange(256)]) + data[at + chance.randrange(2) :]
    return data


async def _ask(port: int, pieces: list[bytes]) -> bytes:
    """Send the pieces, and read what comes until the edge closes, or waits for more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        for piece in (*pieces, _LAST):
            writer.write(piece)
            await asyncio.sleep(0)  # so that it may be a piece of its own
        async with asyncio.timeout(0.5):
            while part := await reader.read(65_536):
                answer += part
    except (TimeoutError, ConnectionError):
        pass  # it waits for the rest of a body, or closed before it had read all
    finally:
        writer.transport.abort()
    return _OWN.sub(b"", answer)


def _cut(data: bytes, chance: random.Random) -> list[bytes]:
    places = sorted(chance.randrange(len(data)) for _ in range(chance.choice([0, 0, 1, 2])))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def _nothing_after_the_end(answer: bytes) -> bool:
    """Tell whether an answer that says "connection: close" is the last one."""
    _, closes, rest = answer.partition(b"connection: close")
    return not closes or b"HTTP/1.1 " not in rest.replace(b"HTTP/1.1 request", b"")


@pytest.mark.parametrize("seed", range(2))
async def test_both_ways_say_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """But that the long way may close where a body was not read, and the short way reads on."""
    chance = random.Random(seed)
    routes = plan("ANY /x/{id}"), plan("GET /g"), plan("POST /g")
    monkeypatch.setattr(doors, "SHORT_WAY", True)
    async with opened(mirror, *routes) as short:
        monkeypatch.setattr(doors, "SHORT_WAY", False)
        async with opened(mirror, *routes) as long:
            for _ in range(20):
                cases = [
                    b"".join(_request(chance) for _ in range(chance.choice([1, 1, 2])))
                    for _ in range(40)
                ]
                for case, one, other in await asyncio.gather(
                    *(_both(short.port, long.port, case, chance) for case in cases)
                ):
                    assert _nothing_after_the_end(one), case
                    said, expected = _CONNECTION.sub(b"", one), _CONNECTION.sub(b"", other)
                    # A reset may cost a client the end of what was sent to it, either way.
                    assert said.startswith(expected) or expected.startswith(said), case


async def _both(
    short: int, long: int, case: bytes, chance: random.Random
) -> tuple[bytes, bytes, bytes]:
    cut = _cut(case, chance)
    one, other = await asyncio.gather(_ask(short, cut), _ask(long, [case]))
    return case, one, other
