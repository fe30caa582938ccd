import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from contracts.fault import Fault
from contracts.stores.redis import link as module
from contracts.stores.redis.link import RedisLink, Script
from tests.harness.ports import free_port
from tests.harness.redis import PrivateRedis

_COUNT = Script.of("return redis.call('INCR', KEYS[1])")


@pytest.fixture
async def link(redis: PrivateRedis) -> AsyncIterator[RedisLink]:
    redis.restart()
    link = RedisLink(redis.url, timeout=0.5)
    await link.command("DEL", "count")
    yield link
    await link.close()


async def _trips(link: RedisLink) -> int:
    info = await link.command("INFO", "stats")
    return int(info["total_reads_processed"])


async def test_what_comes_together_is_one_round_trip(link: RedisLink) -> None:
    """Commands of one turn of the event loop travel together, each gets its own answer."""
    before = await _trips(link)
    answers = await asyncio.gather(*(link.run(_COUNT, ["count"], []) for _ in range(100)))
    assert answers == list(range(1, 101))
    # One for the script that was not known yet, one for the calls, one to ask how many.
    assert await _trips(link) - before <= 4


async def test_it_is_away(redis: PrivateRedis, link: RedisLink) -> None:
    """While Redis is away all fail at once, and when it is back all is as before."""
    await link.run(_COUNT, ["count"], [])
    redis.kill()
    began = time.monotonic()
    with pytest.raises(Fault, match="cannot be reached"):
        await link.run(_COUNT, ["count"], [])
    assert time.monotonic() - began < 0.4
    redis.restart()
    assert await link.run(_COUNT, ["count"], []) == 2


async def test_it_does_not_answer(redis: PrivateRedis, link: RedisLink) -> None:
    """While Redis stands still all fail within their time, and when it goes on so do they."""
    await link.run(_COUNT, ["count"], [])
    redis.freeze()
    try:
        began = time.monotonic()
        answers = await asyncio.gather(
            *(link.run(_COUNT, ["count"], []) for _ in range(10)), return_exceptions=True
        )
        assert time.monotonic() - began < 1.5
        assert {str(answer)[:11] for answer in answers} == {"store_down:"}
    finally:
        redis.thaw()
    assert await link.run(_COUNT, ["count"], []) >= 2


async def test_nobody_listens() -> None:
    """An address where nothing is gives a fault at once, without the password in it."""
    link = RedisLink(f"redis://:secret@127.0.0.1:{free_port()}/0", timeout=0.5)
    with pytest.raises(Fault, match="cannot be reached") as refusal:
        await link.command("PING")
    assert "secret" not in str(refusal.value)
    await link.close()
    with pytest.raises(Fault, match="closed"):
        await link.command("PING")


async def test_what_redis_refuses_is_told(link: RedisLink) -> None:
    """A command that fails fails alone, with Redis's reason."""
    answers: list[object] = await asyncio.gather(
        link.command("INCR"), link.run(_COUNT, ["count"], []), return_exceptions=True
    )
    bad, good = answers
    assert "wrong number of arguments" in str(bad)
    assert good == 1


async def test_a_full_redis_is_told(link: RedisLink) -> None:
    """A Redis without room for more says that the store is full."""
    await link.command("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(Fault, match="full"):
            await link.command("SET", "x", "y")
    finally:
        await link.command("CONFIG", "SET", "maxmemory", 0)


async def test_a_script_that_redis_forgot_is_given_again(link: RedisLink) -> None:
    """After Redis dropped its scripts, a call still gets its answer, and is made once."""
    await link.run(_COUNT, ["count"], [])
    await link.command("SCRIPT", "FLUSH")
    assert await link.run(_COUNT, ["count"], []) == 2


async def test_what_is_closed_leaves_nobody_waiting(redis: PrivateRedis, link: RedisLink) -> None:
    """Who waits when the link is closed hears of it at once."""
    await link.command("PING")
    redis.freeze()
    try:
        waiting = asyncio.create_task(link.command("PING"))
        await asyncio.sleep(0.01)
        await link.close()
        with pytest.raises(Fault, match="closed"):
            await waiting
    finally:
        redis.thaw()


async def test_it_does_not_heap_up_work(link: RedisLink, monkeypatch: pytest.MonkeyPatch) -> None:
    """When too many wait already, the next one is refused at once."""
    monkeypatch.setattr(module, "_MOST_WAITING", 2)
    answers = await asyncio.gather(
        *(link.command("PING") for _ in range(3)), return_exceptions=True
    )
    assert [str(answer) for answer in answers[2:]] == ["store_down: the store is too slow"]


async def test_a_cancelled_call_is_not_sent(link: RedisLink) -> None:
    """Who leaves before the end of the turn was never counted."""
    task = asyncio.create_task(link.run(_COUNT, ["count"], []))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await link.run(_COUNT, ["count"], []) == 1


def test_a_setting_that_redis_lacks_is_found_at_once() -> None:
    """A typo in the address is an error when it is read, not when it is used."""
    with pytest.raises(ValueError, match="setting"):
        RedisLink("redis://localhost/0?colour=red", timeout=1)
