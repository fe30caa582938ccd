"""What is promised while a gateway fails: to others, and when it is back."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from tests.acceptance.stage import GatewayProcess
from tests.faults.load import Kind, Load
from tests.faults.theatre import ONE_WAY, OPTIONS, RECOVERY, Theatre
from tests.harness import http
from tests.harness.http import GoneError
from tests.harness.waiting import eventually

GRACE = 0.5
pytestmark = ONE_WAY


@pytest.fixture
async def other(theatre: Theatre) -> AsyncIterator[GatewayProcess]:
    """Have a second gateway beside the first one."""
    gateway = theatre.stage.add_gateway()
    try:
        gateway.start(*OPTIONS)
        await eventually(gateway.is_ready, within=20)
        yield gateway
    finally:
        theatre.stage.gateways.remove(gateway)
        assert gateway.process is not None
        gateway.process.send(signal.SIGCONT)
        gateway.process.kill()


async def _in_flight(theatre: Theatre, gateway: GatewayProcess) -> "asyncio.Task[http.Answer]":
    """Have a call of this gateway in the hands of a worker."""
    ask = http.ask(gateway.port, "POST", "/long?ms=1500", x_request_id="flying")
    task = asyncio.create_task(ask)
    await eventually(lambda: theatre.stage.runs()["flying"])
    return task


async def test_a_killed_gateway(theatre: Theatre, other: GatewayProcess) -> None:
    """Its own clients are cut off; others notice nothing, and its calls leave nothing behind."""
    kinds = [Kind("POST", "/once?ms=20", 2, idempotent=False)]
    async with Load(lambda: [theatre.port], kinds, clients=4) as load:
        flying = await _in_flight(theatre, other)
        assert other.process is not None
        other.process.kill()
        with pytest.raises((GoneError, OSError)):
            await flying
        # Nobody tells the worker to stop: it finishes, and the answer goes nowhere.
        await asyncio.sleep(1.6)  # the call itself
        other.start(*OPTIONS)
        await eventually(other.is_ready, within=20)
        answer = await http.ask(other.port, "POST", "/once")
        requests = await load.stop()
    assert answer.status == 200
    assert {request.status for request in requests} == {200}
    assert theatre.stage.runs()["flying"] == 1
    assert await theatre.letters("crew") == 0


async def test_a_frozen_gateway(theatre: Theatre, other: GatewayProcess) -> None:
    """Frozen for longer than the broker waits for it, it answers what it had and serves again."""
    flying = await _in_flight(theatre, other)
    assert other.process is not None
    other.process.send(signal.SIGSTOP)
    await asyncio.sleep(4)  # the fault itself: the broker gives up after two heartbeats of 1 s
    other.process.send(signal.SIGCONT)
    async with asyncio.timeout(RECOVERY + GRACE):
        answer = await flying
    # Whichever it sees first: the answer that came before it froze, or the end of its connection.
    assert (answer.status, answer.code) in {(200, ""), (503, "broker_down")}
    await eventually(lambda: _serves(other), within=RECOVERY + GRACE)
    assert theatre.stage.runs()["flying"] == 1


async def _serves(gateway: GatewayProcess) -> bool:
    return (await http.ask(gateway.port, "POST", "/once")).status == 200
