import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from ingress.auth.http_client import HttpClient, Unreachable
from tests.ingress.auth.site import Asked, answer, site


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    """A client that is closed after the test."""
    one = HttpClient()
    yield one
    await one.close()


async def test_it_asks_and_hears(client: HttpClient) -> None:
    """Method, fields and body go out; status, fields and body come back."""
    async with site(lambda _: answer(b"hello", status=201, fields="X-One: 1\r\n")) as one:
        got = await client.send(
            "POST", f"{one.url}/a?b=c", fields=[("x-two", "2")], body=b"data", timeout=2, limit=100
        )
        asked = one.asked[0]
    assert (got.status, got.body, got.field("x-one"), got.field("x")) == (201, b"hello", "1", "")
    assert (asked.method, asked.target, asked.body) == ("POST", "/a?b=c", b"data")
    assert (asked.fields["x-two"], asked.fields["accept-encoding"]) == ("2", "identity")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_it_does_not_follow(client: HttpClient, status: int) -> None:
    """A redirect is an answer: nobody is asked whom the settings do not name."""
    fields = "location: /other\r\nset-cookie: a=b\r\n"
    async with site(lambda _: answer(status=status, fields=fields)) as one:
        for _ in range(2):
            got = await client.send("GET", one.url, timeout=2, limit=100)
            assert got.status == status
        assert [asked.target for asked in one.asked] == ["/", "/"]
        assert "cookie" not in one.asked[1].fields


async def test_it_waits_no_longer_than_told(client: HttpClient) -> None:
    """An answer that does not come, or comes in crumbs, is none when the time is over."""

    async def never(_: Asked) -> bytes:
        await asyncio.sleep(30)
        return b""

    async with site(never) as one:
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"no answer within 0\.1 s"):
            await client.send("GET", one.url, timeout=0.1, limit=100)
        assert time.monotonic() - began < 2


WRONG = {
    "too long": answer(b"x" * 101),
    "too long, in chunks": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
     b"65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "cut": b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na",
    "a head without end": b"HTTP/1.1 200 OK\r\nx: " + b"x" * 70_000 + b"\r\n\r\n",
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
async def test_an_answer_that_is_none_is_told(client: HttpClient, said: bytes) -> None:
    """Too long, cut, or no HTTP: one error, whatever it was, and the client goes on."""

    def script(asked: Asked) -> bytes:
        return answer(b"ok") if asked.target == "/fine" else said

    async with site(script) as one:
        with pytest.raises(Unreachable):
            await client.send("GET", one.url, timeout=0.5, limit=100)
        got = await client.send("GET", f"{one.url}/fine", timeout=2, limit=100)
        assert got.body == b"ok"


async def test_a_small_body_stays_as_small(client: HttpClient) -> None:
    """What is compressed is not unpacked: a small answer cannot become a large one."""
    async with site(lambda _: answer(b"\x1f\x8b", fields="content-encoding: gzip\r\n")) as one:
        assert (await client.send("GET", one.url, timeout=2, limit=100)).body == b"\x1f\x8b"


async def test_nobody_there_is_told(client: HttpClient) -> None:
    """A refused connection, an unknown host and a URL that is none are one error."""
    async with site(lambda _: b"") as one:
        gone = one.url
    for url in (gone, "http://nothing.invalid/", "nonsense", "http://127.0.0.1:99999/"):
        with pytest.raises(Unreachable):
            await client.send("GET", url, timeout=5, limit=100)


async def test_fields_cannot_break_out(client: HttpClient) -> None:
    """A value with a line break is not sent."""
    async with site(lambda _: answer()) as one:
        with pytest.raises(Unreachable):
            await client.send("GET", one.url, fields=[("x", "a\r\ny: b")], timeout=2, limit=100)
        assert one.asked == []


async def test_nothing_is_open_before_and_after() -> None:
    """It opens at its first use, and is of no use when it was closed."""
    client = HttpClient()
    assert repr(client) == "<HttpClient unused>"
    async with site(lambda _: answer()) as one:
        await client.send("GET", one.url, timeout=2, limit=100)
        assert repr(client) == "<HttpClient open>"
        await client.close()
        with pytest.raises(Unreachable, match="closed"):
            await client.send("GET", one.url, timeout=2, limit=100)
    await client.close()
