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

    def reload(self) -> None:
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


async def _said(gateway: Scripted, told: str) -> bool:
    return told in gateway.told
