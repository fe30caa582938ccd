import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.replay.sinks.answers import AnswerReader
from ingress.replay.sinks.connection import Connection, NoAnswerError

USUAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain \r\nx-request-id: r-1\r\nset-cookie: a=1\r\n"
    b"set-cookie: b=\xfc\r\ncontent-length:2\r\nconnection: keep-alive\r\n\r\nok"
)


class NothingKnown(AnswerReader):
    """Takes no answer for a usual one."""

    def read(self, data: bytes) -> None:
        return None


def test_a_usual_answer_is_read_at_once() -> None:
    """Status, all fields in their order with names in lower case, and the body; known or not."""
    reader = AnswerReader()
    for _ in range(2):
        assert reader.read(USUAL) == (
            200,
            (
                ("content-type", "text/plain"),
                ("x-request-id", "r-1"),
                ("set-cookie", "a=1"),
                ("set-cookie", "b=ü"),
                ("content-length", "2"),
                ("connection", "keep-alive"),
            ),
            b"ok",
        )


def test_ids_are_not_kept() -> None:
    """What is another with each answer takes no memory, and what is kept has a bound."""
    reader = AnswerReader()
    for number in range(3000):
        head = b"HTTP/1.1 200 OK\r\nx-request-id: %d\r\nx: %d\r\n" % (number, number)
        assert reader.read(head + b"content-length: 0\r\n\r\n") is not None
    assert len(reader._lines) <= 1024
    assert not any(b"request-id" in line for line in reader._lines)


@pytest.mark.parametrize(
    "answer",
    [
        USUAL[:-1],
        USUAL + b"H",
        USUAL[:20],
        USUAL.replace(b"1.1", b"1.0"),
        USUAL.replace(b"200", b"100"),
        USUAL.replace(b"200", b"204"),
        USUAL.replace(b"200", b"304"),
        USUAL.replace(b"200", b"600"),
        USUAL.replace(b"keep-alive", b"close"),
        USUAL.replace(b"keep-alive", b"upgrade"),
        USUAL.replace(b"content-length:2", b"a: b"),
        USUAL.replace(b"content-length:2", b"content-length: 2\r\ncontent-length: 2"),
        USUAL.replace(b"content-length:2", b"content-length: +2"),
        USUAL.replace(b"content-length:2", b"content-length: 2\r\ntransfer-encoding: chunked"),
        USUAL.replace(b"a=1", b"a=1\r\n folded"),
        USUAL.replace(b"a=1", b"a\x00"),
        USUAL.replace(b"set-cookie", b"set cookie"),
    ],
)
def test_what_is_not_usual_is_left_to_the_parser(answer: bytes) -> None:
    """What is cut, has something behind it, another framing or a doubtful line; also when known."""
    reader = AnswerReader()
    reader.read(USUAL)
    assert reader.read(answer) is None
    assert reader.read(answer) is None


async def parsed(answer: bytes, reader: AnswerReader) -> Any:
    """Give what a connection makes of an answer that comes in one piece."""
    connection = Connection(reader)

    class Transport(asyncio.Transport):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            connection.data_received(answer)
            connection.connection_lost(None)

        def is_closing(self) -> bool:
            return False

        def abort(self) -> None:
            pass

    connection.connection_made(Transport())
    try:
        return await connection.ask(b"", "GET", 5)
    except NoAnswerError:
        return None


PIECES = st.sampled_from([b"a", b":", b" ", b"\t", b"\r\n", b"\r", b"\n", b"\x00", b"\xfc", b"2"])


@given(st.lists(PIECES, max_size=3).map(b"".join), st.integers(0, len(USUAL)), st.integers(0, 9))
def test_it_reads_what_the_parser_reads(piece: bytes, at: int, gone: int) -> None:
    """Whatever stands where in an answer, one that is taken for a usual one means the same."""
    answer = USUAL[:at] + piece + USUAL[at + gone :]
    if AnswerReader().read(answer) is not None:
        quick = asyncio.run(parsed(answer, AnswerReader()))
        assert quick == asyncio.run(parsed(answer, NothingKnown()))
