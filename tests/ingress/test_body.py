"""How the body of a request is read."""

import asyncio

import pytest

from contracts.fault import Fault
from ingress import body


class FakeStream:
    """A stream whose bytes come one by one, as the server's does for a body in chunks."""

    def __init__(self, sent: bytes, *, expecting: bool = False) -> None:
        self.request_body: object = "chunked"
        self.request_bytes_left = 0
        self.expecting_continue = expecting
        self.recv_buffer = bytearray(b"\r\n")
        self.protocol = self
        self.said = b""
        self._sent = list(sent)

    async def send(self, data: bytes) -> None:
        self.said += data

    async def receive_more(self) -> None:
        if not self._sent:
            await asyncio.Event().wait()
        self.recv_buffer.append(self._sent.pop(0))

    async def read(self) -> bytes | None:
        head, _, _ = bytes(self.recv_buffer[2:]).partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        if not size:
            self.request_body = None
            return None
        del self.recv_buffer[: 4 + len(head)]
        while len(self.recv_buffer) < size:
            await self.receive_more()
        data = bytes(self.recv_buffer[:size])
        del self.recv_buffer[:size]
        return data


async def test_a_body_in_chunks_is_put_together() -> None:
    """However many bytes come at a time."""
    stream = FakeStream(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n")
    assert await body.read(stream, None, 5, 5.0) == b"abcde"


async def test_a_chunk_that_is_longer_than_it_says_is_refused() -> None:
    """The server would take the next two bytes for the line end, whatever they are."""
    with pytest.raises(Fault) as caught:
        await body.read(FakeStream(b"3\r\nabcXX0\r\n"), None, 5, 5.0)
    assert caught.value.code == "invalid_request"


async def test_a_client_that_asks_is_told_to_go_on_once() -> None:
    """100 Continue, before the first chunk is waited for."""
    stream = FakeStream(b"1\r\na\r\n0\r\n", expecting=True)
    assert await body.read(stream, None, 5, 5.0) == b"a"
    assert stream.said == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("declared,sent", [("6", b""), (None, b"6\r\nabcdef\r\n0\r\n")])
async def test_too_much_is_refused(declared: str | None, sent: bytes) -> None:
    """A declared length at once, chunks when they are too many."""
    with pytest.raises(Fault) as caught:
        await body.read(FakeStream(sent), declared, 5, 5.0)
    assert (caught.value.code, caught.value.extensions) == ("too_large", {"limit": 5})


async def test_a_body_that_does_not_come_is_not_waited_for_for_ever() -> None:
    """408 when the time for the whole body is over."""
    with pytest.raises(Fault) as caught:
        await body.read(FakeStream(b"3\r\nab"), None, 5, 0.01)
    assert caught.value.code == "request_timeout"


async def test_a_chunk_that_says_too_much_is_refused_before_it_comes() -> None:
    """Nobody waits for two to the power of sixty bytes."""
    with pytest.raises(Fault) as caught:
        await body.read(FakeStream(b"fffffffffffffff\r\n"), None, 5, 5.0)
    assert caught.value.code == "too_large"


async def test_extensions_of_chunks_are_bounded_in_all() -> None:
    """RFC 9112 section 7.1.1: each short, and together more than anybody needs."""
    chunks = b"".join(b"1;" + b"x" * 200 + b"\r\na\r\n" for _ in range(10))
    with pytest.raises(Fault) as caught:
        await body.read(FakeStream(chunks + b"0\r\n"), None, 100, 5.0)
    assert caught.value.code == "invalid_request"
