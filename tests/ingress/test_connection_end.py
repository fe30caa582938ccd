"""How connections end: a crowd of them a few at a time, and with nothing left of what they were."""

import asyncio
import gc
import time
from collections.abc import Callable

import pytest
from sanic.http import Http

from contracts import loop
from contracts.call import Reply
from ingress.flow import Flow
from ingress.guard import pace
from ingress.guard.entrance import Entrance
from ingress.guard.limits import Limits
from ingress.guard.pace import MOST
from tests.harness.waiting import eventually
from tests.ingress.door import opened, plan
from tests.ingress.test_connection import mirror


async def most_in_a_turn(count: Callable[[], int], until: int) -> int:
    """Give by how much a count has grown at most in one turn of the loop."""
    most, before = 0, count()
    async with asyncio.timeout(5):
        while before < until:
            await asyncio.sleep(0)
            most, before = max(most, count() - before), count()
    return most


async def test_a_crowd_that_leaves_at_once_is_let_go_a_few_at_a_time() -> None:
    """The calls of those who left are cancelled, and nobody else waits for the end of it."""

    async def never(_: Flow) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    async with opened(never, plan("GET /g")) as door:
        crowd = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(100)]
        for _, writer in crowd:
            writer.write(b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: door.edge.in_flight == 100)
        for _, writer in crowd:
            writer.transport.abort()
        assert await most_in_a_turn(lambda: len(door.flows), 100) <= MOST


def test_an_answer_that_comes_after_its_client_is_thrown_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While those who left wait to be dealt with, workers go on to answer; also on uvloop."""
    monkeypatch.setattr(pace, "MOST", 1)
    assert loop.run(_wrong_with_late_answers()) == []


async def _wrong_with_late_answers() -> list[object]:
    going, wrong = asyncio.Event(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))

    async def slow(_: Flow) -> Reply:
        await going.wait()
        return Reply(body=b"late")

    async with opened(slow, plan("GET /g")) as door:
        crowd = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(100)]
        for _, writer in crowd:
            writer.write(b"GET /g HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
        await eventually(lambda: door.edge.in_flight == 100)
        lines = [one.transport for one in door.server.connections if one.transport]
        for _, writer in crowd:
            writer.transport.abort()
        async with asyncio.timeout(5):
            while not all(line.is_closing() for line in lines):  # noqa: ASYNC110 - turn by turn
                await asyncio.sleep(0)
        going.set()
        await eventually(lambda: not door.server.connections)
        await eventually(lambda: not door.edge.in_flight)
        assert len(door.flows) == 100
    return wrong


async def test_a_crowd_whose_time_is_up_is_cut_off_a_few_at_a_time() -> None:
    """Though all of it falls due in one turn of a loop that was held up."""
    entrance = Entrance(Limits(header_timeout=0.2))
    async with opened(mirror, plan("GET /g"), entrance=entrance) as door:
        crowd = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(100)]
        for _, writer in crowd:
            writer.write(b"GET /g HTTP/1.1\r\n")
        await asyncio.sleep(0.15)  # so that the next look finds all of them late
        time.sleep(0.3)  # noqa: ASYNC251 - what holds the loop up
        assert await most_in_a_turn(lambda: len(door.flows), 100) <= MOST
        assert {flow.code for flow in door.flows} == {"request_timeout"}
        for _, writer in crowd:
            writer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"GET /g HTTP/1.1\r\nHost: a\r\n",
        b"POST /g HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na",
        b"POST /g HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        b"GET /g HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /g HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ],
)
@pytest.mark.parametrize("patient", [True, False])
async def test_what_is_over_leaves_nothing_to_the_garbage_collector(
    data: bytes,
    patient: bool,  # noqa: FBT001
) -> None:
    """Whoever ends a request in its middle; to find it would take a look at all that there is."""
    entrance = Entrance(Limits(header_timeout=0.1, body_timeout=0.1))
    async with opened(mirror, plan("ANY /g"), entrance=entrance) as door:
        gc.collect()
        gc.disable()
        # Held, so that those of other tests stay what they are.
        others = [one for one in gc.get_objects() if type(one) is Http]
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(data)
            await eventually(lambda: door.server.connections)
            if patient:
                await asyncio.wait_for(reader.read(), 5)
            writer.close()
            await eventually(lambda: not door.server.connections)
            await eventually(lambda: _streams() == len(others))
        finally:
            gc.enable()


def _streams() -> int:
    return sum(type(one) is Http for one in gc.get_objects())
