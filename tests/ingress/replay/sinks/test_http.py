import asyncio

import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.replay.mark import Marks
from ingress.replay.sinks.http import HttpSink
from ingress.replay.sinks.port import Sent
from tests.harness.ports import free_port
from tests.harness.waiting import eventually
from tests.ingress.door import opened, plan
from tests.ingress.replay.playback import item
from tests.ingress.replay.sinks.server import OK, serving

KEY = "sixteen letters!"


async def test_a_gateway_takes_it_for_a_replay() -> None:
    """Through a gateway with the same key the call arrives whole, marked and linked."""

    async def answer(flow: Flow) -> Reply:
        return Reply.json({"body": flow.call.body.decode()}, headers=(("x-a", "1"), ("x-a", "2")))

    async with opened(answer, plan("POST /v1/o")) as door:
        door.edge.marks = Marks(KEY)
        sink = HttpSink(f"http://127.0.0.1:{door.port}", marks=Marks(KEY))
        whole = {"path": "/v1/o", "query": "a=1", "body": b"tea", "headers": (("x", "y"),)}
        asked = item(1, method="POST", **whole)
        sent = await sink.send(asked, "mend")
        await eventually(lambda: len(door.flows) == 1)
        await sink.close()
    assert (sent.answer.status, sent.answer.body) == (200, b'{"body":"tea"}')
    assert sent.answer.values()["x-a"] == ["1", "2"]
    assert sent.answer.seconds > 0
    call = door.flows[0].call
    assert (call.replay, call.query, call.header("x")) == ("mend/r-1", "a=1", "y")
    assert sent.id == call.id


async def test_a_fault_is_told_by_its_code() -> None:
    """An answer that is a problem document has its code, whatever the status."""

    async def refuse(_: Flow) -> Reply:
        return Reply.of_fault(Fault("busy"))

    async with opened(refuse, plan("GET /orders/{id}")) as door:
        door.edge.marks = Marks(KEY)
        sink = HttpSink(f"http://127.0.0.1:{door.port}/", marks=Marks(KEY))
        sent = await sink.send(item(1), "mend")
        await sink.close()
    assert (sent.answer.status, sent.answer.code) == (503, "busy")


async def test_connections_are_kept_and_no_more_than_needed() -> None:
    """Calls one after another share a connection; calls at one time have each its own."""
    async with serving(lambda _: OK) as server:
        sink = HttpSink(f"http://127.0.0.1:{server.port}/base/")
        for number in range(5):
            await sink.send(item(number), "a")
        assert server.connections == 1
        await asyncio.gather(*(sink.send(item(number), "a") for number in range(5)))
        assert server.connections <= 5
        await sink.close()
    first = server.requests[0].decode()
    assert first.startswith("GET /base/orders/0 HTTP/1.1\r\nhost: 127.0.0.1:")
    assert "queuegate-replay: a/r-0\r\n" in first
    assert "content-length" not in first


async def test_a_call_goes_at_once_when_a_connection_waits() -> None:
    """What came of it is told, as ``send`` gives it; without a connection ``send`` has to do it."""
    told: list[Sent] = []
    async with serving(lambda _: OK) as server:
        sink = HttpSink(f"http://127.0.0.1:{server.port}")
        assert not sink.begin(item(1), "a", told.append)
        first = await sink.send(item(1), "a")
        assert not sink.begin(item(2, method="G T"), "a", told.append)
        assert sink.begin(item(2), "a", told.append)
        assert not sink.begin(item(3), "a", told.append)
        await eventually(lambda: len(told) == 1)
        assert sink.begin(item(3), "a", told.append)
        await eventually(lambda: len(told) == 2)
        await sink.close()
    assert len(server.requests) == 3
    assert (told[0].answer.status, told[0].answer.body) == (200, b"ok")
    assert told[0].answer.headers == first.answer.headers
    assert told[0].answer.seconds > 0


async def test_closing_ends_what_is_on_the_way() -> None:
    """A call that waits for its answer is told that none comes."""
    told: list[Sent] = []
    answers = iter([OK, b""])
    async with serving(lambda _: next(answers)) as server:
        sink = HttpSink(f"http://127.0.0.1:{server.port}")
        await sink.send(item(1), "a")
        assert sink.begin(item(2), "a", told.append)
        await eventually(lambda: len(server.requests) == 2)
        assert told == []
        await sink.close()
        await eventually(lambda: len(told) == 1)
    assert (told[0].answer.error, told[0].left) == ("the connection was lost", True)


async def test_no_line_of_a_record_ends_early() -> None:
    """A recorded header with a line break in it cannot become two."""
    async with serving(lambda _: OK) as server:
        sink = HttpSink(f"http://127.0.0.1:{server.port}")
        bad = item(1, headers=(("b", "1\r\nx: 1"), ("c d", "1"), ("e", "1")))
        await sink.send(bad, "a")
        await sink.close()
    assert b"\r\nx: 1" not in server.requests[0]
    assert b"\r\ne: 1\r\n" in server.requests[0]


@pytest.mark.parametrize(
    "fields",
    [{"method": "GET / HTTP/1.1\r\nx:"}, {"method": ""}, {"path": "/a b"}, {"query": "\n"}],
)
async def test_what_is_no_request_line_is_not_sent(fields: dict[str, str]) -> None:
    """A method or a path that HTTP cannot carry is told, and nothing of it is sent."""
    async with serving(lambda _: OK) as server:
        sink = HttpSink(f"http://127.0.0.1:{server.port}")
        sent = await sink.send(item(1, **fields), "a")
    assert (sent.left, server.requests) == (False, [])
    assert "cannot be written" in sent.answer.error


@pytest.mark.parametrize("method, answer", [("GET", None), ("POST", b"rubbish\r\n\r\n")])
async def test_an_answer_that_does_not_come_is_told(method: str, answer: bytes | None) -> None:
    """A lost connection and garbage are answers without a status: the call was sent."""
    async with serving(lambda _: answer) as server:
        sink = HttpSink(f"http://127.0.0.1:{server.port}")
        sent = await sink.send(item(1, method=method), "a")
        await sink.close()
    assert (sent.answer.status, sent.left) == (0, True)
    assert sent.answer.error


async def test_nothing_is_waited_for_without_an_end() -> None:
    """A server that is silent is left after the timeout, and its connection closed."""
    async with serving(lambda _: b"") as server:
        sink = HttpSink(f"http://127.0.0.1:{server.port}", timeout=0.1)
        sent = await sink.send(item(1), "a")
        await sink.close()
    assert (sent.answer.error, sent.left) == ("no answer in time", True)


async def test_where_nobody_listens_nothing_was_sent() -> None:
    """A connection that is refused is known to have carried nothing."""
    sent = await HttpSink(f"http://127.0.0.1:{free_port()}").send(item(1), "a")
    assert (sent.answer.status, sent.left) == (0, False)
    assert sent.answer.error.startswith("cannot connect: ")


@pytest.mark.parametrize("url", ["", "localhost:80", "ftp://a", "http://", "http://a/?b=1"])
def test_what_is_no_url_is_refused(url: str) -> None:
    """A text that is no URL says how one is written."""
    with pytest.raises(ValueError, match="http://host:port"):
        HttpSink(url)


def test_a_password_is_not_shown() -> None:
    """Neither the name of the sink nor an error shows what stands before the at sign."""
    assert HttpSink("http://ann:secret@host:1/x").name == "http://host:1/x"
    with pytest.raises(ValueError, match="host:port") as refused:
        HttpSink("ftp://ann:secret@host")
    assert "secret" not in str(refused.value)
