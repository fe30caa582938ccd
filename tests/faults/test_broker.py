"""What is promised while the broker is away, and when it is back."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from statistics import median

import pytest

from tests.acceptance.stage import GatewayProcess
from tests.faults.ledger import settle
from tests.faults.load import Kind, Load
from tests.faults.proxy import Proxy
from tests.faults.theatre import RECOVERY, Theatre
from tests.harness import http
from tests.harness.waiting import eventually

MIX = (
    Kind("GET", "/work", 2, idempotent=True),
    Kind("PUT", "/work", 2, idempotent=True),
    Kind("POST", "/once", 2, idempotent=False),
)
# This machine is shared: a process may not get its turn for so long.
GRACE = 0.5


@asynccontextmanager
async def calling(theatre: Theatre) -> AsyncIterator[None]:
    """Hold the promises of the ledger over what is done in the block."""
    async with Load(lambda: [theatre.port], MIX, clients=6) as load:
        await eventually(lambda: len(load.requests) > 20)
        yield
        ledger = settle(await load.stop(), theatre.stage.runs(), grace=GRACE)
    print(ledger)
    assert ledger.broken() == []
    assert ledger.succeeded


async def _in_flight(theatre: Theatre, path: str = "/long?ms=20000") -> "asyncio.Task[http.Answer]":
    """Have a call that may run only once in the hands of a worker."""
    task = asyncio.create_task(theatre.ask("POST", path, x_request_id="flying"))
    await eventually(lambda: theatre.stage.runs()["flying"])
    return task


async def _heals(theatre: Theatre, end: Callable[[], object], within: float = RECOVERY) -> None:
    """End the fault; calls must succeed again in time."""
    await asyncio.to_thread(end)
    began = time.monotonic()
    await eventually(theatre.answers, within=within + GRACE, what="calls succeed again")
    print(f"recovered in {time.monotonic() - began:.2f} s")


async def _serves(gateway: GatewayProcess) -> bool:
    return (await http.ask(gateway.port, "GET", "/work")).status == 200


async def _refused(theatre: Theatre, code: str) -> None:
    """Hold that new calls are refused with this code at once, and told when to come back."""
    begin = len(theatre.stage.said())
    for _ in range(20):
        answer = await theatre.ask("POST", "/once")
        assert (answer.status, answer.code) == (503, code)
        assert int(answer.headers["retry-after"]) >= 1

    def lines() -> list[str]:
        return re.findall(rf" {code} in ([0-9.]+) ms", theatre.stage.said()[begin:])

    await eventually(lambda: len(lines()) >= 20, what="the log has the refusals")
    assert median(map(float, lines())) < 2


async def test_a_killed_broker(theatre: Theatre) -> None:
    """Killed and restarted under load: the call in flight hears of it at once, and all heals."""
    async with calling(theatre):
        flying = await _in_flight(theatre)
        await asyncio.to_thread(theatre.broker.kill)
        async with asyncio.timeout(1):
            answer = await flying
        assert (answer.status, answer.code) == (503, "broker_down")
        await _refused(theatre, "broker_down")
        await _heals(theatre, theatre.broker.restart)
        # The broker gave it to another worker, which must not run it a second time.
        assert theatre.stage.runs()["flying"] == 1


async def test_a_broker_that_says_goodbye(theatre: Theatre) -> None:
    """Connections that an operator closes are made again, under load, within 2 s."""
    async with calling(theatre):
        flying = await _in_flight(theatre)
        await _heals(theatre, lambda: theatre.broker.close_connections(theatre.vhost))
        # They are closed one by one: another worker may answer before the gateway's own turn comes.
        assert (await flying).code in {"broker_down", "worker_lost"}
        assert theatre.stage.runs()["flying"] == 1


async def test_a_frozen_broker(theatre: Theatre) -> None:
    """A broker that stands still is given up after two heartbeats, and taken when it goes on."""
    async with calling(theatre):
        flying = await _in_flight(theatre)
        theatre.broker.freeze()
        began = time.monotonic()
        assert (await flying).code == "broker_down"
        assert time.monotonic() - began < 3 + GRACE
        await eventually(theatre.is_down)
        await _refused(theatre, "broker_down")
        await _heals(theatre, theatre.broker.thaw)


async def test_a_broker_that_stands_still_for_a_moment(theatre: Theatre) -> None:
    """Under two heartbeats nobody is refused: calls wait, and succeed."""
    theatre.broker.freeze()
    waiting = [asyncio.create_task(theatre.ask("POST", "/once")) for _ in range(5)]
    await asyncio.sleep(0.5)  # the fault itself
    theatre.broker.thaw()
    assert [answer.status for answer in await asyncio.gather(*waiting)] == [200] * 5


async def test_an_unreachable_broker(theatre: Theatre) -> None:
    """A refused connection is told as 503 in under 2 ms, and healed within 2 s of its end."""
    async with calling(theatre):
        flying = await _in_flight(theatre)
        theatre.gateway_way.unreachable()
        assert (await flying).code == "broker_down"
        await _refused(theatre, "broker_down")
        await _heals(theatre, theatre.gateway_way.heal)


async def test_workers_that_cannot_reach_the_broker(theatre: Theatre) -> None:
    """Calls wait for the workers' return, and what ran is neither run again nor kept waiting."""
    flying = await _in_flight(theatre)
    theatre.worker_way.unreachable()

    async def gone() -> bool:
        return not await theatre.consumers()

    # Before, the broker would send them the next call, and nobody could know what became of it.
    await eventually(gone)
    waiting = asyncio.create_task(theatre.ask("POST", "/long"))
    theatre.worker_way.heal()
    assert (await waiting).status == 200
    assert (await flying).code == "worker_lost"
    assert theatre.stage.runs()["flying"] == 1


async def test_a_cut(theatre: Theatre) -> None:
    """Connections reset on both sides again and again, under load, break no promise."""
    async with calling(theatre):
        for _ in range(4):
            theatre.gateway_way.cut()
            await asyncio.sleep(0.3)  # the load goes on meanwhile
            theatre.worker_way.cut()
            await asyncio.sleep(0.3)  # as above
        await _heals(theatre, theatre.gateway_way.heal)


async def test_a_slow_network(theatre: Theatre) -> None:
    """50 ms more each way cost time and no answer."""
    theatre.gateway_way.delay(0.05)
    async with calling(theatre):
        began = time.monotonic()
        assert (await theatre.ask("POST", "/once")).status == 200
        assert time.monotonic() - began >= 0.1


async def test_bytes_one_by_one(theatre: Theatre) -> None:
    """However TCP slices the stream, also of a new connection, calls succeed."""
    theatre.gateway_way.slice()
    theatre.worker_way.slice()
    theatre.gateway_way.cut()
    await eventually(theatre.answers, within=5)
    for _ in range(5):
        assert (await theatre.ask("POST", "/once")).status == 200


@pytest.mark.parametrize(
    "requests, replies", [(True, True), (True, False), (False, True)], ids=["both", "out", "back"]
)
async def test_a_black_hole(theatre: Theatre, *, requests: bool, replies: bool) -> None:
    """A half-open connection, whichever way is dead, is found out within three heartbeats."""
    async with calling(theatre):
        flying = await _in_flight(theatre)
        theatre.gateway_way.stall(requests=requests, replies=replies)
        async with asyncio.timeout(5):
            answer = await flying
        assert answer.code == "broker_down"
        await _heals(theatre, theatre.gateway_way.heal)


async def test_a_half_closed_connection(theatre: Theatre) -> None:
    """An end in one direction is an end: calls in flight hear of it, and it is made again."""
    async with calling(theatre):
        flying = await _in_flight(theatre)
        theatre.gateway_way.half_close()
        assert (await flying).code == "broker_down"
        await _heals(theatre, theatre.gateway_way.heal)


@pytest.mark.parametrize("resource", ["memory", "disk"])
async def test_an_alarm(theatre: Theatre, resource: str) -> None:
    """A broker out of memory or disk is told as 503, and what was with a worker is answered."""
    broker = theatre.broker
    raise_it, end_it = {
        "memory": (broker.block_publishers, broker.unblock_publishers),
        "disk": (broker.fill_disk, broker.empty_disk),
    }[resource]
    try:
        flying = await _in_flight(theatre, "/long?ms=2500")
        await asyncio.to_thread(raise_it)
        # A connection is blocked at its first publish after the alarm.
        await theatre.ask("POST", "/once")
        await eventually(theatre.is_blocked)
        await _refused(theatre, "broker_blocked")
    finally:
        await asyncio.to_thread(end_it)
    assert (await flying).status == 200
    await eventually(theatre.answers, within=RECOVERY)


async def test_a_vhost_that_goes_and_comes(theatre: Theatre) -> None:
    """A deleted vhost is a broker that is away; calls succeed within 2 s of its return."""
    theatre.broker.delete_vhost(theatre.vhost)
    await eventually(theatre.is_down)
    await _refused(theatre, "broker_down")
    await _heals(theatre, lambda: theatre.broker.create_vhost(theatre.vhost))


async def test_permissions_that_are_refused(theatre: Theatre) -> None:
    """Without the right to declare its reply queue a gateway is not ready, and heals with it."""
    grant = f"/permissions/{theatre.vhost}/guest"
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    theatre.broker.management.call("PUT", grant, {**everything, "configure": "^$"})
    try:
        theatre.gateway_way.cut()
        await eventually(lambda: "access to queue" in theatre.stage.said())
        assert not await theatre.gateway.is_ready()
        await _refused(theatre, "broker_down")
    finally:
        theatre.broker.management.call("PUT", grant, everything)
    await _heals(theatre, lambda: None)


async def test_several_addresses(theatre: Theatre) -> None:
    """A gateway with two addresses serves as long as one of them leads to a broker."""
    port = theatre.gateway_way.target
    plain = theatre.stage.url.replace(f":{theatre.gateway_way.port}", f":{port}")
    with Proxy(port) as one, Proxy(port) as two:
        one.unreachable()
        gateway = theatre.stage.add_gateway(f"{one.url(plain)},{two.url(plain)}")
        try:
            gateway.start()
            await eventually(gateway.is_ready, within=20)
            one.heal()
            for way in (two, one):
                way.unreachable()
                await eventually(partial(_serves, gateway), within=RECOVERY)
                way.heal()
        finally:
            theatre.stage.gateways.remove(gateway)
            assert gateway.process is not None
            gateway.process.kill()
