import asyncio

import pytest

from ingress.replay.sinks import connection as module
from ingress.replay.sinks.connection import Connection, NoAnswerError
from tests.harness.waiting import eventually
from tests.ingress.replay.sinks.server import OK, Answering, serving

ASK = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


async def ask(answer: Answering, method: str = "GET") -> tuple[int, bytes, bool]:
    """Ask once; gives status, body, and whether the connection can be used again."""
    async with serving(answer) as server:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, "127.0.0.1", server.port
        )
        try:
            async with asyncio.timeout(5):
                status, _, body = await connection.ask(ASK, method, 5)
            return status, body, connection.reusable
        finally:
            connection.close()


@pytest.mark.parametrize(
    "answer, expected",
    [
        (OK, (200, b"ok", True)),
        (
            b"HTTP/1.1 201 A\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
            (201, b"ab", True),
        ),
        (b"HTTP/1.1 200 A\r\nconnection: close\r\n\r\nto the end", (200, b"to the end", False)),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, (200, b"ok", True)),
        (b"HTTP/1.1 204 A\r\n\r\n", (204, b"", True)),
        (OK + b"garbage", (200, b"ok", False)),
        (OK + OK, (200, b"ok", False)),
        (b"HTTP/1.1 200 A\r\nconnection: close\r\ncontent-length: 1\r\n\r\na", (200, b"a", False)),
    ],
)
async def test_an_answer_is_read_as_it_is_framed(
    answer: bytes, expected: tuple[int, bytes, bool]
) -> None:
    """By length, by chunks, to the end of the connection, and after an interim answer."""
    assert await ask(lambda _: answer) == expected


async def test_an_answer_to_head_has_no_body() -> None:
    """The length that an answer to HEAD names is not waited for, and the next one is read."""
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"
    async with serving(lambda _: head) as server:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, "127.0.0.1", server.port
        )
        for _ in range(2):
            async with asyncio.timeout(5):
                assert (await connection.ask(ASK, "HEAD", 5))[0] == 200
            assert connection.reusable
        connection.close()


@pytest.mark.parametrize(
    "answer, complaint",
    [
        (None, "the connection was lost"),
        (b"HTTP/1.1 200 A\r\ncontent-length: 9\r\nconnection: close\r\n\r\nshort", "was lost"),
        (b"garbage\r\n\r\n", "no HTTP"),
    ],
)
async def test_what_is_no_answer_is_told(answer: bytes | None, complaint: str) -> None:
    """A connection that ends, an answer that is cut and garbage each say what happened."""
    with pytest.raises(NoAnswerError, match=complaint):
        await ask(lambda _: answer)


async def test_each_request_has_its_own_time() -> None:
    """An answer is waited for as long as was said, however long the one before might have taken."""
    answers = iter([OK, OK, b"", b""])
    async with serving(lambda _: next(answers)) as server:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, "127.0.0.1", server.port
        )
        assert (await connection.ask(ASK, "GET", 0.1))[0] == 200
        await asyncio.sleep(0.15)
        assert connection.reusable
        assert (await connection.ask(ASK, "GET", 60))[0] == 200
        async with asyncio.timeout(5):
            with pytest.raises(NoAnswerError, match="no answer in time"):
                await connection.ask(ASK, "GET", 0.1)
        assert not connection.reusable


async def test_an_answer_without_an_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes than any answer may have end the connection."""
    monkeypatch.setattr(module, "MAX_BODY", 10)
    answer = b"HTTP/1.1 200 A\r\ncontent-length: 99\r\n\r\n" + b"x" * 50
    with pytest.raises(NoAnswerError, match="more than 10 bytes"):
        await ask(lambda _: answer)


async def test_a_connection_that_was_closed_is_not_used() -> None:
    """One that the server has closed meanwhile is not reusable, and asking it is told."""
    async with serving(lambda _: OK) as server:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, "127.0.0.1", server.port
        )
        await connection.ask(ASK, "GET", 5)
    await eventually(lambda: not connection.reusable)
    with pytest.raises(NoAnswerError, match="was closed"):
        await connection.ask(ASK, "GET", 5)
