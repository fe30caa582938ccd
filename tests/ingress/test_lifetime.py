"""How long a gateway process serves."""

import asyncio
import gc
import os
import signal
from collections.abc import Iterator
from typing import cast

import pytest

from contracts import heap
from ingress.gateway import Gateway
from ingress.lifetime import until_told
from ingress.supervisor import listen
from tests.harness.waiting import eventually


class Scripted:
    """A gateway that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def start(self, *_: object) -> None:
        """Remember it."""
        self.told.append("start")

    async def stop(self) -> None:
        """Remember it."""
        self.told.append("stop")

    async def reload(self) -> None:
        """Remember it."""
        self.told.append("reload")


@pytest.fixture
def collector() -> Iterator[None]:
    """Let the other tests have the garbage collector as it was."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("collector")
async def test_a_hangup_reloads_and_a_term_stops() -> None:
    """In this order, and it returns when it has stopped."""
    gateway, sockets = Scripted(), (listen("127.0.0.1", 0), listen("127.0.0.1", 0))
    serving = asyncio.ensure_future(until_told(cast("Gateway", gateway), *sockets, asyncio.Event()))
    for told, number in (("start", signal.SIGHUP), ("reload", signal.SIGTERM)):
        await eventually(lambda told=told: _said(gateway, told))  # type: ignore[misc]
        os.kill(os.getpid(), number)
    await asyncio.wait_for(serving, 5)
    assert gateway.told == ["start", "reload", "stop"]
    # A gateway holds many connections, which are no garbage.
    assert gc.get_threshold()[2] == heap.SELDOM
    assert gc.get_freeze_count()
    for one in sockets:
        one.close()


@pytest.mark.usefixtures("collector")
async def test_reloads_come_one_after_the_other() -> None:
    """The file that was there last is the one that is served, however long another was read."""
    reading, going = asyncio.Event(), asyncio.Event()

    class Slow(Scripted):
        async def reload(self) -> None:
            self.told.append("reads")
            reading.set()
            await going.wait()
            self.told.append("has read")

    gateway, sockets, stop = (
        Slow(),
        (listen("127.0.0.1", 0), listen("127.0.0.1", 0)),
        asyncio.Event(),
    )
    serving = asyncio.ensure_future(until_told(cast("Gateway", gateway), *sockets, stop))
    await eventually(lambda: _said(gateway, "start"))
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.wait_for(reading.wait(), 5)
    os.kill(os.getpid(), signal.SIGHUP)
    for _ in range(10):
        await asyncio.sleep(0)
    going.set()
    await eventually(lambda: len(gateway.told) == 5)
    assert gateway.told == ["start", "reads", "has read", "reads", "has read"]
    stop.set()
    await asyncio.wait_for(serving, 5)
    for one in sockets:
        one.close()


async def _said(gateway: Scripted, told: str) -> bool:
    return told in gateway.told
