import asyncio
import time

import pytest

from contracts.brokers.rabbitmq import silence
from contracts.brokers.rabbitmq.silence import Silence
from tests.harness.waiting import eventually

HEARTBEAT = 0.1


async def test_silence_is_heard() -> None:
    """After two heartbeat intervals without a byte the listener hears of it, once."""
    heard: list[float] = []
    watch = Silence(heard.append)
    began = asyncio.get_running_loop().time()
    watch.start(HEARTBEAT)
    await eventually(lambda: heard, 2)
    assert asyncio.get_running_loop().time() - began >= 2 * HEARTBEAT
    assert heard == [2 * HEARTBEAT]
    assert repr(watch) == "<Silence not watched, 0.1 s>"


async def test_each_sign_of_life_counts() -> None:
    """A sign of life puts the end off by two intervals from then."""
    heard: list[float] = []
    loop = asyncio.get_running_loop()
    watch = Silence(lambda _: heard.append(loop.time()))
    watch.start(HEARTBEAT)
    await asyncio.sleep(1.5 * HEARTBEAT)
    watch.heard_at = last = loop.time()
    await eventually(lambda: heard, 2)
    assert heard[0] - last >= 2 * HEARTBEAT


async def test_no_heartbeat_no_watch() -> None:
    """With heartbeats turned off, and after the end, nobody watches."""
    watch = Silence(lambda _: pytest.fail("it was not to be watched"))
    watch.start(0)
    watch.start(0.01)
    watch.stop()
    watch.stop()
    await asyncio.sleep(0.05)


async def test_who_was_away_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event loop that stood still itself reads first, and then judges."""
    monkeypatch.setattr(silence, "_LATE", 0.5)
    watch = Silence(lambda _: pytest.fail("it was us who were away"))
    watch.start(HEARTBEAT)
    time.sleep(4 * HEARTBEAT)  # noqa: ASYNC251 - stands still, as a long garbage collection would
    asyncio.get_running_loop().call_later(0.01, setattr, watch, "heard_at", float("inf"))
    await asyncio.sleep(2 * HEARTBEAT)
    watch.stop()
