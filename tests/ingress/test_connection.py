"""A client's connection: the short way gives what the long way gives, and never mixes them up."""

import asyncio
import contextlib
import re

import pytest

from contracts.call import Reply
from ingress.flow import Flow
from ingress.guard.crowd import Crowd
from ingress.guard.entrance import Entrance
from ingress.guard.limits import Limits
from ingress.guard.proxies import Proxies
from tests.harness.waiting import eventually
from tests.ingress import door as doors
from tests.ingress.door import opened, plan

# What differs from one request to the next by its nature.
_OWN = re.compile(rb"(date|x-request-id): [^\r]*|\"request_id\":\"[^\"]*\"")
# After its answer the connection closes, so that nobody has to wait for silence.
_LAST = b"GET /none HTTP/1.0\r\n\r\n"


async def mirror(flow: Flow) -> Reply:
    """Answer with what the call holds."""
    call = flow.call
    said = (call.method, call.path, call.query, dict(call.params), call.headers, call.body)
    told = (call.traceparent, call.tracestate, call.caller.address)
    return Reply(body=repr((said, told)).encode(), headers=(("x-a", "b"),))


async def both_ways(data: bytes, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Send the same bytes the short way and the long one."""
    answers = []
    for short in (True, False):
        monkeypatch.setattr(doors, "SHORT_WAY", short)
        async with opened(mirror, plan("ANY /x/{id}"), plan("GET /g")) as door:
            answers.append(_OWN.sub(b"", await door.raw(data + _LAST)))
    return answers


@pytest.mark.parametrize(
    "data",
    [
        b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HEAD /g HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS /g HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /x/1?a=%20&b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        b"POST /x/%C3%A9 HTTP/1.1\r\nHOST: a\r\nAccept:  \t b \t\r\nA: \xc3\xa9\r\nB: \xe9\r\n\r\n",
        b'QUERY /x/"<>^`{|}\\~ HTTP/1.1\r\nHost: a\r\n\r\n',
        b"GET /g HTTP/1.1\r\nHost: a\r\nTE: x\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n\r\n",
        b"GET /g HTTP/1.1\r\nHost: a\r\nTracestate: k=v\r\n"
        b"Traceparent: 00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01\r\n\r\n",
        b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /g HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /x/.. HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /g? HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        b"GET /g?a?b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET //g HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
async def test_the_short_way_answers_as_the_long_way_does(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, but for date and request id."""
    short, long = await both_ways(data, monkeypatch)
    assert short.split(b"\r\n")[0].startswith(b"HTTP/1.1 ")
    assert short == long


async def test_requests_are_answered_in_order_wherever_the_bytes_are_cut() -> None:
    """Usual and unusual requests in turn, in pieces of every size."""
    usual = b"POST /x/%d HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
    chunked = (
        b"POST /x/%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    )
    data = b"".join((usual, chunked)[n % 3 == 2] % n for n in range(6))
    async with opened(mirror, plan("ANY /x/{id}")) as door:
        for size in (1, 2, 3, 7, 50, 61, 120, len(data)):
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            for at in range(0, len(data), size):
                writer.write(data[at : at + size])
                await asyncio.sleep(0)
            for number in range(6):
                async with asyncio.timeout(5):
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = int(re.findall(rb"content-length: (\d+)", head)[0])
                    body = await reader.readexactly(length)
                assert f"/x/{number}'".encode() in body
                assert b"b'ab'" in body
            writer.close()


async def test_a_request_on_the_short_way_keeps_its_connection_open() -> None:
    """It is neither idle nor timed out while the worker takes its time."""
    going = asyncio.Event()

    async def slow(_: Flow) -> Reply:
        await going.wait()
        return Reply(body=b"late")

    async with opened(slow, plan("GET /g")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: door.edge.in_flight)
        (connection,) = door.server.connections
        connection._time -= 1000
        assert not connection.close_if_idle()
        connection.check_timeouts()
        going.set()
        assert (await asyncio.wait_for(reader.readuntil(b"late"), 5)).endswith(b"late")
        writer.close()


async def test_a_client_that_sends_ahead_is_not_read_for_ever() -> None:
    """What comes while a request waits for its answer is bounded."""
    going = asyncio.Event()

    async def slow(flow: Flow) -> Reply:
        await going.wait()
        return Reply(body=flow.call.path.encode())

    async with opened(slow, plan("ANY /{x}")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        one = b"GET /%06d HTTP/1.1\r\nHost: a\r\n\r\n"
        count = 200_000
        writer.write(b"".join(one % number for number in range(count)))
        await eventually(lambda: door.edge.in_flight)
        (connection,) = door.server.connections
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 0.5)
        assert connection.ahead <= 2 * 65_536 + 262_144
        going.set()
        for number in range(1000):
            assert await asyncio.wait_for(reader.readuntil(b"/%06d" % number), 5)
        writer.transport.abort()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_a_client_that_leaves_ends_what_it_sent_ahead() -> None:
    """Its first request is cancelled, and the ones behind it never begin."""
    cancelled = asyncio.Event()

    async def never(_: Flow) -> Reply:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    async with opened(never, plan("GET /g")) as door:
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        await eventually(lambda: door.edge.in_flight)
        writer.close()
        await asyncio.wait_for(cancelled.wait(), 5)
        await eventually(lambda: door.flows)
        assert [flow.code for flow in door.flows] == ["client_gone"]
        assert door.edge.in_flight == 0


@pytest.mark.parametrize("ahead", [0, 10, 12])
async def test_a_body_that_nobody_reads_is_no_request(ahead: int) -> None:
    """After a refusal before its body, what comes of that body is never taken for a request."""
    body = b"0123456789POST /x/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    head = b"POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (len(body) + 1000)
    async with opened(mirror, plan("ANY /x/{id}"), plan("ANY /")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        with contextlib.suppress(ConnectionError):
            writer.write(head + body[:ahead])
            await asyncio.wait_for(reader.readuntil(b"}"), 5)
            for at in range(ahead, len(body), 40):
                writer.write(body[at : at + 40])
                await asyncio.sleep(0.01)  # so that it is a piece of its own
            writer.write(body[10:])
            await asyncio.sleep(0.01)  # as above
        writer.close()
        await eventually(lambda: not door.server.connections)
        assert [flow.call.path for flow in door.flows] == ["/none"]


async def test_nothing_that_was_sent_ahead_runs_on_a_connection_that_closes() -> None:
    """Who was told "connection: close" sends the rest again elsewhere, so it must not run here."""
    going = asyncio.Event()

    async def slow(flow: Flow) -> Reply:
        await going.wait()
        return Reply(body=flow.call.path.encode())

    async with opened(slow, plan("POST /x/{id}")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        one = b"POST /x/%d HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
        writer.write(b"".join(one % number for number in range(3)))
        await eventually(lambda: door.edge.in_flight)
        door.edge.draining = True
        going.set()
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await eventually(lambda: not door.server.connections)
        assert answer.count(b"HTTP/1.1 ") == answer.count(b"connection: close") == 1
        assert [flow.call.path for flow in door.flows] == ["/x/0"]


@pytest.mark.parametrize("sent", [0, 1, 300])
async def test_who_is_refused_in_the_middle_hears_why(sent: int) -> None:
    """It goes on to send, and its answer is neither lost in a reset nor held back."""
    head = b"POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    async with opened(mirror, plan("ANY /x/{id}")) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(head + b"a" * sent)
        await eventually(lambda: door.flows)
        writer.write(b"a" * 300_000)
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 404 ")
        writer.close()
        await eventually(lambda: not door.server.connections)
        assert len(door.flows) == 1


async def test_who_is_refused_and_goes_on_for_ever_is_cut_off() -> None:
    """What is thrown away after the last answer is bounded."""
    async with opened(mirror, plan("ANY /x/{id}")) as door:
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)

        async def send() -> None:
            while True:
                writer.write(b"a" * 65_536)
                await writer.drain()

        writer.write(b"GET / HTTP/9.9\r\n\r\n")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(send(), 5)
        writer.close()
        await eventually(lambda: not door.server.connections)


@pytest.mark.parametrize("way", [True, False])
async def test_one_too_many_is_told_why(way: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """It has its problem document and its mark in the journal; who leaves makes room."""
    monkeypatch.setattr(doors, "SHORT_WAY", True)
    entrance = Entrance(crowd=Crowd(2) if way else Crowd(100, 2))
    async with opened(mirror, plan("GET /g"), entrance=entrance) as door:
        lines = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(3)]
        answer = await asyncio.wait_for(lines[2][0].read(), 5)
        expected = (b"503", "overloaded") if way else (b"429", "too_many_connections")
        assert answer.startswith(b"HTTP/1.1 " + expected[0])
        assert expected[1].encode() in answer
        assert b"retry-after: 1" in answer
        await eventually(lambda: [flow.code for flow in door.flows] == [expected[1]])
        for _, writer in lines:
            writer.close()
        await eventually(lambda: not entrance.crowd.size)
        answer = await door.raw(b"GET /g HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_flood_is_not_talked_to() -> None:
    """Beyond twice the limit it is cut off, which costs nothing."""
    entrance = Entrance(crowd=Crowd(1))
    async with opened(mirror, plan("GET /g"), entrance=entrance) as door:
        lines = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(10)]
        await eventually(lambda: len(door.flows) >= 1)
        for _, writer in lines:
            writer.transport.abort()
        await eventually(lambda: not entrance.crowd.size)
        assert len(door.flows) < 5


async def test_who_does_not_read_its_answer_is_cut_off() -> None:
    """However much it asks for, it waits in memory only as long as it may."""
    large = bytes(8_000_000)

    async def much(_: Flow) -> Reply:
        return Reply(body=large)

    entrance = Entrance(Limits(write_timeout=0.3))
    async with opened(much, plan("GET /g"), entrance=entrance) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port, limit=1024)
        writer.write(b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: door.flows)
        await eventually(lambda: not door.server.connections)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(8_000_000)
        writer.close()


async def test_who_reads_slowly_but_steadily_has_all_of_it() -> None:
    """Even when the connection is to close after it."""
    large = bytes(6_000_000)

    async def much(_: Flow) -> Reply:
        return Reply(body=large)

    entrance = Entrance(Limits(write_timeout=0.5))
    async with opened(much, plan("GET /g"), entrance=entrance) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port, limit=1024)
        writer.write(b"GET /g HTTP/1.0\r\nHost: a\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        left = len(large)
        while left:
            left -= len(await asyncio.wait_for(reader.read(65_536), 5))
            await asyncio.sleep(0.015)  # the slowness itself
        writer.close()


async def test_a_connection_on_which_nothing_happens_is_closed() -> None:
    """After the idle time, also before its first request."""
    entrance = Entrance(Limits(idle_timeout=0.2))
    async with opened(mirror, plan("GET /g"), entrance=entrance) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        assert door.flows == []


@pytest.mark.parametrize("trusted", [True, False])
async def test_who_asked_is_what_a_trusted_proxy_says(
    trusted: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By both ways, and from nobody else: the address is the connection's then."""
    data = (
        b"GET /g HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.7\r\n"
        b"X-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\n\r\n"
    )
    proxies = Proxies(["127.0.0.0/8"] if trusted else ["10.0.0.0/8"])
    for way in (True, False):
        monkeypatch.setattr(doors, "SHORT_WAY", way)
        async with opened(mirror, plan("GET /g"), entrance=Entrance(proxies=proxies)) as door:
            await door.raw(data + _LAST)
            call, secure = door.flows[0].call, door.flows[0].secure
        assert call.caller.address == ("203.0.113.7" if trusted else "127.0.0.1")
        assert secure == trusted
        told = (("x-forwarded-proto", "https"),) if trusted else ()
        assert call.headers == (("host", "a"), *told)


async def test_a_host_that_is_not_served_is_421_by_both_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection goes on, for other hosts of the same client."""
    data = b"".join(b"GET /g HTTP/1.1\r\nHost: %s\r\n\r\n" % host for host in (b"a", b"b", b"a:1"))
    for way in (True, False):
        monkeypatch.setattr(doors, "SHORT_WAY", way)
        async with opened(mirror, plan("GET /g"), entrance=Entrance(hosts=["a"])) as door:
            answer = await door.raw(data + _LAST)
        assert re.findall(rb"HTTP/1.1 (\d+) [A-Z]", answer) == [b"200", b"421", b"200", b"421"]
        assert [flow.code for flow in door.flows] == ["", "misdirected", "", "misdirected"]
