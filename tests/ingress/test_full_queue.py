"""A bounded queue that is full, from the gateway's side, with a worker of ours behind it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.brokers.opening import open_broker
from contracts.brokers.port import Queue
from contracts.dialects.native import Native
from ingress.dispatch import Dispatch
from ingress.plan import Breaker, Plan, Retry, Target
from ingress.rpc import Rpc
from tests.harness.waiting import eventually
from tests.ingress.scripted import flow, plan
from workers.runtime import Runtime
from workers.service import Service

NARROW = Target(operation="narrow.work", dialect=Native(), routing_key="narrow")
QUICK_TO_OPEN = Breaker(failure_rate=0.5, window=60, min_calls=2, open_for=60, probes=1)


class House:
    """A worker with one place and a queue with one more, and a gateway's sending side."""

    def __init__(self, dispatch: Dispatch, runtime: Runtime, gate: asyncio.Event) -> None:
        self.dispatch = dispatch
        self.runtime = runtime
        self.gate = gate

    async def fill(self) -> "list[asyncio.Task[object]]":
        """Have one call at work, one prefetched and one in the queue."""
        tasks = [asyncio.create_task(self.call()) for _ in range(3)]
        await eventually(lambda: self.runtime.stats.in_flight)
        return tasks

    async def call(self, **settings: object) -> object:
        reply = await self.dispatch(flow(of(**settings), operation="narrow.work"))
        return reply.fault.code if reply.fault else reply.body


def of(**settings: object) -> Plan:
    return plan(**{"target": NARROW, "timeout": 5.0, "breaker": QUICK_TO_OPEN, **settings})


@pytest.fixture(params=["lane", "plain"])
async def house(request: pytest.FixtureRequest, vhost_url: str) -> AsyncIterator[House]:
    """On a real RabbitMQ, with the lane and without it."""
    url = vhost_url + ("?lane=off" if request.param == "plain" else "")
    gateway, worker = open_broker(url, name="gateway"), open_broker(url, name="worker")
    rpc = Rpc(gateway)
    gate = asyncio.Event()
    queue = Queue(name="narrow", max_length=1)
    service = Service("narrow", queue=queue, concurrency=1, prefetch=2)

    @service.operation(idempotent=True)
    async def work() -> str:
        await gate.wait()
        return "done"

    for broker in (gateway, worker):
        broker.start()
        await broker.ready(10)
    runtime = Runtime(service, worker)
    await runtime.start()
    yield House(Dispatch(rpc), runtime, gate)
    gate.set()
    await runtime.drain(1)
    await worker.close()
    await gateway.close()


async def test_a_full_queue_refuses_at_once_and_opens_no_circuit(house: House) -> None:
    """What does not fit is ``busy``, known not to have run; what fits is answered."""
    waiting = await house.fill()
    began = asyncio.get_running_loop().time()
    refused = [await house.call() for _ in range(10)]
    assert asyncio.get_running_loop().time() - began < 2
    assert set(refused) == {"busy"}
    assert house.dispatch.breakers()["GET /x"].state == "closed"
    house.gate.set()
    assert await asyncio.gather(*waiting) == [b"done"] * 3
    assert await house.call() == b"done"


async def test_a_refused_call_is_tried_again(house: House) -> None:
    """It did not run, so it may be, even where running twice is not safe."""
    waiting = await house.fill()
    retry = Retry(attempts=10, base=0.05, cap=0.1)
    again = asyncio.create_task(house.call(retry=retry, idempotent=False))
    await asyncio.sleep(0.02)
    house.gate.set()
    assert await again == b"done"
    assert await asyncio.gather(*waiting) == [b"done"] * 3
