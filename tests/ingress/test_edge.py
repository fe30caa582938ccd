"""The HTTP edge: a request becomes a Flow, its answer a response."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator

import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.replay import mark
from ingress.replay.mark import Marks
from tests.harness.waiting import eventually
from tests.ingress import door as doors
from tests.ingress.door import opened, plan


@pytest.fixture(autouse=True, params=["short", "long"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hold for the short way to the edge and for the long one."""
    monkeypatch.setattr(doors, "SHORT_WAY", request.param == "short")


async def mirror(flow: Flow) -> Reply:
    """Answer with what the call holds."""
    call = flow.call
    return Reply.json(
        {
            "id": call.id,
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "params": dict(call.params),
            "headers": [list(pair) for pair in call.headers],
            "body": call.body.hex(),
            "route": call.route,
        }
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY"])
async def test_every_method_reaches_the_operation(method: str) -> None:
    """A route for any method takes also those that Sanic does not know."""
    async with opened(mirror, plan("ANY /x")) as door, door.client() as client:
        answer = await client.request(method, "/x")
    assert answer.status_code == 200
    assert answer.json()["method"] == method


async def test_the_call_holds_what_the_client_sent() -> None:
    """Path parameters are decoded; query, headers and body arrive as sent."""
    async with opened(mirror, plan("POST /o/{id}")) as door, door.client() as client:
        answer = await client.post(
            "/o/a%2Fb%20c?x=1&x=2&y=%20",
            content=b"\x00\xff",
            headers=[("accept-language", "de"), ("accept-language", "en"), ("connection", "close")],
        )
    got = answer.json()
    assert got["params"] == {"id": "a/b c"}
    assert got["query"] == "x=1&x=2&y=%20"
    assert got["body"] == "00ff"
    assert [v for k, v in got["headers"] if k == "accept-language"] == ["de", "en"]
    assert "connection" not in dict(got["headers"])


async def test_a_replay_is_told_by_a_signed_mark() -> None:
    """A verified mark is in the call; one that cannot be verified runs nothing."""
    marks = Marks("sixteen letters!")
    asked = Call(id="2", operation="", method="GET", path="/x", replay="run/1")
    headers = {mark.HEADER: marks.sign(asked)}
    async with opened(mirror, plan("GET /x")) as door, door.client() as client:
        refused = await client.get("/x", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        door.edge.marks = marks
        assert (await client.get("/x", headers=headers)).status_code == 200
        assert (await client.get("/x", headers={mark.HEADER: "run/1"})).status_code == 403
        await eventually(lambda: len(door.flows) == 3)
    assert [flow.call.replay for flow in door.flows] == ["", "run/1", ""]


async def test_an_empty_body_is_empty_bytes() -> None:
    """A POST without a body is a call without a body."""
    async with opened(mirror, plan("POST /x")) as door, door.client() as client:
        assert (await client.post("/x")).json()["body"] == ""


async def test_a_chunked_body_arrives_whole() -> None:
    """Chunks become one body."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"cd"

    async with opened(mirror, plan("POST /x")) as door, door.client() as client:
        answer = await client.post("/x", content=chunks())
    assert answer.json()["body"] == b"abcd".hex()


async def test_head_is_answered_by_get_without_the_body() -> None:
    """HEAD gives GET's headers with its length, and no body."""
    async with opened(mirror, plan("GET /x")) as door, door.client() as client:
        head = await client.head("/x")
    assert head.status_code == 200
    assert int(head.headers["content-length"]) > 0
    assert head.content == b""


async def test_options_tells_the_methods() -> None:
    """OPTIONS is answered by the gateway with Allow, and is no call."""
    async with (
        opened(mirror, plan("GET /x"), plan("POST /x")) as door,
        door.client() as client,
    ):
        answer = await client.options("/x")
    assert answer.status_code == 204
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


@pytest.mark.parametrize(
    "method,path,status,code",
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/x", 405, "method_not_allowed"),
        ("GET", "/%zz", 400, "invalid_request"),
    ],
)
async def test_what_meets_no_route_gets_a_problem(
    method: str, path: str, status: int, code: str
) -> None:
    """No route, no such method and a bad path are problem documents with a request id."""
    async with opened(mirror, plan("GET /x")) as door:
        raw = await door.raw(
            f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        )
    head, body = raw.split(b"\r\n\r\n", 1)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"content-type: application/problem+json" in head.lower()
    problem = json.loads(body)
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["request_id"].encode() in head


async def test_a_fault_is_a_problem_with_retry_after() -> None:
    """What the path reports as a fault reaches the client as problem+json."""

    async def refuse(_: Flow) -> Reply:
        return Reply.of_fault(Fault("no_route", "nobody home"))

    async with opened(refuse, plan("GET /x")) as door, door.client() as client:
        answer = await client.get("/x")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["code"] == "no_route"
    assert answer.json()["detail"] == "nobody home"


async def test_a_crash_tells_the_client_nothing() -> None:
    """An exception inside is 500 internal, without a word of it."""

    async def crash(_: Flow) -> Reply:
        raise RuntimeError("the secret")

    seen: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))
    async with opened(crash, plan("GET /x")) as door, door.client() as client:
        answer = await client.get("/x")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret" not in answer.text
    assert isinstance(seen[0]["exception"], RuntimeError)


async def test_a_request_id_is_taken_over_or_made() -> None:
    """The client's id is used if it is fit, otherwise one is made, and either is returned."""
    async with opened(mirror, plan("GET /x")) as door, door.client() as client:
        own = await client.get("/x", headers={"x-request-id": "mine-1"})
        bad = await client.get("/x", headers={"x-request-id": "a b"})
    assert own.headers["x-request-id"] == own.json()["id"] == "mine-1"
    assert bad.headers["x-request-id"] == bad.json()["id"] != "a b"


async def test_a_declared_length_too_large_is_refused_unread() -> None:
    """413 comes before a byte of the body was sent, and the connection closes."""
    async with opened(mirror, plan("POST /x", max_body=10)) as door:
        raw = await door.raw(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in raw.lower()
    assert json.loads(raw.split(b"\r\n\r\n", 1)[1])["limit"] == 10


async def test_a_chunked_body_too_large_is_refused() -> None:
    """Without a declared length the bytes are counted as they come."""
    async with opened(mirror, plan("POST /x", max_body=10)) as door:
        raw = await door.raw(
            b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n"
        )
    assert raw.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "data,status",
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /x HTTP/9.9\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /x HTTP/1.1\r\nA: " + b"b" * 20_000 + b"\r\n\r\n", 431),
        (b"POST /x HTTP/1.1\r\nExpect: x\r\nContent-Length: 1\r\n\r\na", 417),
    ],
)
async def test_malformed_http_gets_a_problem_and_is_closed(data: bytes, status: int) -> None:
    """What is no HTTP/1.1 request is answered as a problem, and reaches no worker."""
    async with opened(mirror, plan("ANY /x")) as door:
        raw = await door.raw(data)
    assert raw.startswith(f"HTTP/1.1 {status} ".encode()), raw[:200]
    assert b"application/problem+json" in raw
    assert b"connection: close" in raw
    assert raw.count(b"content-length: ") == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=99),
        Reply(status=600),
        Reply(headers=(("x", "a\r\nset-cookie: evil=1"),)),
    ],
)
async def test_a_reply_that_http_cannot_carry_is_a_bad_reply(reply: Reply) -> None:
    """A status or a field that is none gives 502, and splits nothing."""

    async def answer(_: Flow) -> Reply:
        return reply

    async with opened(answer, plan("GET /x")) as door, door.client() as client:
        got = await client.get("/x")
    assert got.status_code == 502
    assert got.json()["code"] == "bad_reply"
    assert "set-cookie" not in got.headers


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body_has_none(status: int) -> None:
    """A body that a worker adds to 204 or 304 is dropped, and the connection goes on."""

    async def answer(_: Flow) -> Reply:
        return Reply(status=status, body=b"x", headers=(("etag", '"1"'),))

    async with opened(answer, plan("GET /x")) as door, door.client() as client:
        got = [await client.get("/x") for _ in range(2)]
    assert [one.status_code for one in got] == [status, status]
    assert got[0].content == b""
    assert got[0].headers["etag"] == '"1"'


async def test_two_fields_of_one_name_both_reach_the_client() -> None:
    """Set-Cookie may come twice."""

    async def answer(_: Flow) -> Reply:
        return Reply(headers=(("set-cookie", "a=1"), ("set-cookie", "b=2")))

    async with opened(answer, plan("GET /x")) as door, door.client() as client:
        got = await client.get("/x")
    assert got.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_the_header_section_is_ours_alone() -> None:
    """No field is sent that neither the worker nor HTTP asked for."""

    async def answer(_: Flow) -> Reply:
        return Reply(body=b"x")

    async with opened(answer, plan("GET /x")) as door, door.client() as client:
        got = await client.get("/x")
    assert set(got.headers) == {"x-request-id", "date", "content-length", "connection"}


async def test_the_answer_is_dated() -> None:
    """An origin server with a clock sends Date (RFC 9110 section 6.6.1)."""
    async with opened(mirror, plan("GET /x")) as door, door.client() as client:
        assert (await client.get("/x")).headers["date"].endswith("GMT")


async def test_a_client_that_leaves_cancels_its_call() -> None:
    """The dispatch is cancelled, and the flow is observed as client_gone."""
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_: Flow) -> Reply:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    async with opened(wait, plan("GET /x")) as door:
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.wait_for(began.wait(), 5)
        writer.close()
        await asyncio.wait_for(cancelled.wait(), 5)
        await eventually(lambda: door.flows)
        assert door.flows[0].code == "client_gone"
        assert door.edge.in_flight == 0


async def test_the_finished_flow_is_observed_once() -> None:
    """Observers get the flow with its status, sizes and times."""
    async with opened(mirror, plan("POST /x")) as door, door.client() as client:
        answer = await client.post("/x", content=b"abc")
        await eventually(lambda: door.flows)
    (flow,) = door.flows
    assert (flow.status, flow.route, len(flow.call.body)) == (200, "POST /x", 3)
    assert flow.bytes_out == len(answer.content)
    assert flow.duration > 0


async def test_a_refusal_leaves_nothing_to_the_garbage_collector() -> None:
    """A flood of them would have it look at all that there is, again and again."""
    async with opened(mirror, plan("GET /x")) as door, door.client() as client:
        gc.collect()
        gc.disable()
        # Held, so that those of other tests stay what they are.
        others = [one for one in gc.get_objects() if type(one) is Flow]
        try:
            assert (await client.get("/none")).status_code == 404
            await eventually(lambda: door.flows)
            door.flows.clear()
            await eventually(lambda: _flows() == len(others))
        finally:
            gc.enable()


def _flows() -> int:
    return sum(type(one) is Flow for one in gc.get_objects())


async def test_pipelined_requests_are_answered_in_order() -> None:
    """Two requests in one write get two answers, in order."""
    async with opened(mirror, plan("GET /{x}")) as door:
        raw = await door.raw(
            b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n"
            b"Connection: close\r\n\r\n"
        )
    assert raw.count(b"HTTP/1.1 200") == 2
    assert raw.index(b'"/1"') < raw.index(b'"/2"')


async def test_draining_finishes_what_is_in_flight() -> None:
    """A drain waits for answers, and connections close after theirs."""
    go = asyncio.Event()

    async def wait(flow: Flow) -> Reply:
        await go.wait()
        return await mirror(flow)

    async with opened(wait, plan("GET /x")) as door, door.client() as client:
        asked = asyncio.create_task(client.get("/x"))
        await eventually(lambda: door.edge.in_flight == 1)
        door.server.refuse_more()
        draining = asyncio.create_task(door.edge.drain(5))
        await asyncio.sleep(0)
        assert not draining.done()
        go.set()
        assert await draining is True
        answer = await asked
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"


async def test_a_drain_does_not_wait_for_ever() -> None:
    """After its time a drain says that somebody is left."""

    async def wait(_: Flow) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    async with opened(wait, plan("GET /x")) as door:
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: door.edge.in_flight == 1)
        assert await door.edge.drain(0.05) is False
        writer.close()
