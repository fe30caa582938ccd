"""The edge against clients that mean harm: raw bytes on a raw socket."""

import asyncio

import pytest

from contracts.call import Reply
from ingress.flow import Flow
from tests.harness.waiting import eventually
from tests.ingress import door as doors
from tests.ingress.door import opened, plan


@pytest.fixture(autouse=True, params=["short", "long"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hold for the short way to the edge and for the long one."""
    monkeypatch.setattr(doors, "SHORT_WAY", request.param == "short")


async def answer(_: Flow) -> Reply:
    """Answer anything with 200."""
    return Reply()


SMUGGLED = b"GET /y HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "fields_,content",
    [
        (b"Transfer-Encoding : chunked", b""),
        (b"Content-Length : %d" % len(SMUGGLED), b""),
        (b"X: a\r\n Content-Length: %d" % len(SMUGGLED), b""),
        (b"X: a\nContent-Length: %d" % len(SMUGGLED), b""),
        (b"Content-Length: \xd9\xa5", b"hello"),
        (b"Transfer-Encoding: \xc2\xa0chunked", b"0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"5\r\nhelloXX0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"5;\n\r\nhello\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"0x5\r\nhello\r\n0\r\n\r\n"),
        (b"Host: b", b""),
    ],
)
async def test_no_request_is_smuggled_in_another(fields_: bytes, content: bytes) -> None:
    """What two readers may read in two ways gets 400, and what comes after it is not read."""
    asked: list[str] = []

    async def remember(flow: Flow) -> Reply:
        asked.append(flow.call.path)
        return Reply()

    async with opened(remember, plan("POST /x"), plan("GET /y")) as door:
        head = b"POST /x HTTP/1.1\r\nHost: a\r\n" + fields_ + b"\r\n\r\n"
        raw = await door.raw(head + content + SMUGGLED)
    assert raw.startswith(b"HTTP/1.1 400 ")
    assert raw.count(b"HTTP/1.1 ") == 1
    assert asked == []


@pytest.mark.parametrize("target", [b"a:443", b"/x\x1b[31m", b"/x\x00", b"/\n", b"http://"])
async def test_a_target_of_any_bytes_gets_an_answer(target: bytes) -> None:
    """Sanic would close without a word, with a traceback in the log that a client can cause."""
    async with opened(answer, plan("ANY /x")) as door:
        raw = await door.raw(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert door.edge.in_flight == 0
    assert raw.startswith(b"HTTP/1.1 400 "), raw[:200]
    assert b"invalid_request" in raw


async def test_a_target_in_absolute_form_may_have_no_path() -> None:
    """RFC 9112 section 3.2.2: the path is then a slash."""
    async with opened(answer, plan("GET /")) as door:
        raw = await door.raw(b"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_waits_for_100_is_not_asked_for_a_body_that_is_refused() -> None:
    """The refusal comes alone."""
    async with opened(answer, plan("POST /x", max_body=10)) as door:
        raw = await door.raw(
            b"POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"
        )
    assert raw.startswith(b"HTTP/1.1 413 ")


async def test_a_field_that_is_no_utf8_reaches_the_worker_as_latin1() -> None:
    """Old clients send such names and user agents; no message can carry half a character."""
    async with opened(answer, plan("GET /x")) as door:
        raw = await door.raw(
            b"GET /x HTTP/1.1\r\nHost: a\r\nX-Name: caf\xe9\r\nX-New: caf\xc3\xa9\r\n\r\n"
        )
        call = door.flows[0].call
    assert raw.startswith(b"HTTP/1.1 200 ")
    assert call.header("x-name") == call.header("x-new") == "caf\u00e9"


async def test_a_client_that_leaves_is_observed_once() -> None:
    """Sanic asks for an answer to it as well, which must not pass for another request."""

    async def wait(_: Flow) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    async with opened(wait, plan("GET /x")) as door:
        for _ in range(3):
            _, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            await eventually(lambda: door.edge.in_flight == 1)
            writer.close()
            await eventually(lambda: door.edge.in_flight == 0)
        assert [(flow.route, flow.code) for flow in door.flows] == [("GET /x", "client_gone")] * 3


async def test_a_drain_waits_again_when_all_were_answered_once_before() -> None:
    """While readiness is off and requests still come, there are moments with none in flight."""
    go = asyncio.Event()

    async def wait(flow: Flow) -> Reply:
        if flow.call.query:
            await go.wait()
        return Reply()

    async with opened(wait, plan("GET /x")) as door, door.client() as client:
        door.edge.draining = True
        assert (await client.get("/x")).status_code == 200
        asked = asyncio.create_task(client.get("/x?slow"))
        await eventually(lambda: door.edge.in_flight == 1)
        assert await door.edge.drain(0.05) is False
        go.set()
        assert await door.edge.drain(5) is True
        assert (await asked).status_code == 200


@pytest.mark.parametrize(
    "line", [b"GET /a\xe9 HTTP/1.1", b"GET /?\xe9 HTTP/1.1", b"G\xe9T / HTTP/1.1", b"\xff\xfe"]
)
async def test_what_is_told_of_a_refused_request_is_text(line: bytes) -> None:
    """Whatever bytes it had, observers can write down its method, path and query."""
    async with opened(answer, plan("GET /")) as door:
        assert (await door.raw(line + b"\r\nHost: a\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
        await eventually(lambda: door.flows)
        call = door.flows[0].call
    assert f"{call.method} {call.path}?{call.query}".encode()


async def test_a_body_that_nobody_asked_for_writes_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """An OPTIONS with one is answered, keeps its connection, and is no error of ours."""
    body = b"OPTIONS /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    chunked = (
        b"OPTIONS /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    async with opened(answer, plan("GET /x")) as door:
        raw = await door.raw(body + chunked + b"GET /x HTTP/1.0\r\n\r\n")
    assert raw.count(b"HTTP/1.1 204 ") == 2
    assert raw.count(b"HTTP/1.1 200 ") == 1
    assert caplog.records == []
