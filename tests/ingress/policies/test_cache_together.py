"""Requests for the same, at one time."""

import asyncio

import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.flow import Flow
from tests.ingress.cache.cached import Cached, reply


def body(flow: Flow) -> bytes:
    assert flow.reply is not None, flow.fault
    return flow.reply.body


async def test_a_thousand_misses_are_one_call() -> None:
    """All wait for the one call, and all have its answer."""
    go = asyncio.Event()

    async def slow(_: Call) -> Reply:
        await go.wait()
        return reply(cache_control="max-age=60")

    cached = Cached(slow)
    waiting = [asyncio.create_task(cached.get("/a")) for _ in range(1000)]
    await cached.asked.wait()
    go.set()
    flows = await asyncio.gather(*waiting)
    assert (len(cached.calls), {body(flow) for flow in flows}) == (1, {b"hello"})
    assert sum(flow.attempts for flow in flows) == 1


async def test_a_client_that_leaves_ends_nobody_s_call() -> None:
    """The first client is gone; the other has the answer to the first one's call."""
    go = asyncio.Event()

    async def slow(_: Call) -> Reply:
        await go.wait()
        return reply(cache_control="max-age=60")

    cached = Cached(slow)
    first, second = (asyncio.create_task(cached.get("/a")) for _ in range(2))
    await cached.asked.wait()
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    assert body(await second) == b"hello"
    assert len(cached.calls) == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_the_last_client_that_leaves_ends_the_call() -> None:
    """A worker does not work for nobody."""
    cancelled = asyncio.Event()

    async def slow(_: Call) -> Reply:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError

    cached = Cached(slow)
    waiting = [asyncio.create_task(cached.get("/a")) for _ in range(2)]
    await cached.asked.wait()
    for one in waiting:
        one.cancel()
    await asyncio.wait_for(cancelled.wait(), 5)
    assert len(cached.shelf.flights) == 0


async def test_answers_that_cannot_be_stored_do_not_queue_up() -> None:
    """Who waited in vain goes alone at once, and who comes soon after need not wait at all."""
    under_way, most = 0, 0

    async def private(_: Call) -> Reply:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return reply(cache_control="private")

    cached = Cached(private)
    await asyncio.gather(*(cached.get("/a") for _ in range(20)))
    assert (len(cached.calls), most) == (20, 19)
    await asyncio.gather(*(cached.get("/a") for _ in range(20)))
    assert most == 20


async def test_a_failure_is_told_to_all_who_waited() -> None:
    """A worker that fails is not asked a thousand times more; nor are its words about one told."""

    async def broken(_: Call) -> Reply:
        await asyncio.sleep(0.01)
        return Reply.of_fault(Fault("worker_error", "anna's order"))

    cached = Cached(broken)
    flows = await asyncio.gather(*(cached.get("/a") for _ in range(10)))
    assert len(cached.calls) == 1
    faults = [flow.fault for flow in flows]
    assert [fault.code for fault in faults if fault] == ["worker_error"] * 10
    assert sorted(fault.detail for fault in faults if fault) == [""] * 9 + ["anna's order"]


async def test_what_was_dropped_meanwhile_is_not_stored() -> None:
    """An answer that was on its way when its place was purged may be the old one."""
    go = asyncio.Event()

    async def slow(_: Call) -> Reply:
        await go.wait()
        return reply(cache_control="max-age=60")

    cached = Cached(slow)
    asked = asyncio.create_task(cached.get("/a"))
    await cached.asked.wait()
    changed = asyncio.create_task(cached.ask("PUT", "/a"))
    go.set()
    await changed
    assert body(await asked) == b"hello"
    await cached.get("/a")
    assert [call.method for call in cached.calls] == ["GET", "PUT", "GET"]


async def test_who_waited_in_vain_is_not_given_what_a_stranger_was_told() -> None:
    """What came meanwhile to somebody without a name is for those who show none."""
    go = asyncio.Event()

    async def worker(call: Call) -> Reply:
        if call.header("cookie"):
            await go.wait()
        return reply(call.header("cookie") or "nobody")

    cached = Cached(worker, "{ttl: 60s}")
    known = [asyncio.create_task(cached.get("/a", cookie="id=anna")) for _ in range(2)]
    await cached.asked.wait()
    assert body(await cached.get("/a")) == b"nobody"
    go.set()
    assert [body(flow) for flow in await asyncio.gather(*known)] == [b"id=anna"] * 2


async def test_who_waited_in_vain_is_not_given_what_is_stale() -> None:
    """Where the worker refuses the first who asked, the others ask for themselves."""
    answers = [reply(cache_control="max-age=5")]

    async def worker(_: Call) -> Reply:
        await asyncio.sleep(0)
        return answers.pop() if answers else Reply.of_fault(Fault("not_found"))

    cached = Cached(worker)
    await cached.get("/a")
    cached.now += 6
    flows = await asyncio.gather(*(cached.get("/a") for _ in range(3)))
    assert [flow.fault.code for flow in flows if flow.fault] == ["not_found"] * 3


async def test_an_answer_that_is_to_be_asked_about_is_shared_with_nobody() -> None:
    """It is stored, but each who waited has the worker asked (RFC 9111 section 5.2.2.4)."""

    async def slow(_: Call) -> Reply:
        await asyncio.sleep(0.01)
        return reply(cache_control="no-cache", etag='"1"')

    cached = Cached(slow)
    await asyncio.gather(*(cached.get("/a") for _ in range(3)))
    assert len(cached.calls) == 3


async def test_coalescing_can_be_switched_off() -> None:
    """Then each asks for itself."""

    async def slow(_: Call) -> Reply:
        await asyncio.sleep(0.01)
        return reply(cache_control="max-age=60")

    cached = Cached(slow, "{coalesce: false}")
    await asyncio.gather(*(cached.get("/a") for _ in range(5)))
    assert len(cached.calls) == 5
