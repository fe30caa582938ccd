"""What is promised while nodes of a RabbitMQ cluster are lost: real nodes, under load."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aio_pika
import pytest

from tests.acceptance.stage import Stage
from tests.faults.ledger import settle
from tests.faults.load import Kind, Load
from tests.faults.theatre import CREW
from tests.harness import http
from tests.harness.cluster import Cluster
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import eventually

MIX = (
    Kind("GET", "/work", 2, idempotent=True),
    Kind("PUT", "/work", 2, idempotent=True),
    Kind("POST", "/once", 2, idempotent=False),
)
# Seconds from the loss of a node until calls succeed again: to miss it, to connect elsewhere (2 s),
# and for the queue to have another leader.
FAILOVER = 15.0
GRACE = 0.5
VHOST = "fleet"


@pytest.fixture(scope="module")
def cluster(rabbitmq: PrivateRabbitMQ) -> Iterator[Cluster]:
    """Have three nodes, if this machine can have one of its own at all."""
    del rabbitmq  # it has said by now whether tests with a broker are wanted, and found one
    with Cluster() as cluster:
        cluster.nodes[0].create_vhost(VHOST)
        yield cluster


@pytest.fixture
async def stage(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Stage]:
    """Have a gateway and two workers, with their connections on nodes of their own."""
    for node in cluster.nodes:
        await asyncio.to_thread(node.revive)
    await _declare(cluster)
    stage = Stage(
        tmp_path,
        _with(cluster.url(VHOST, first=0)),
        worker_url=_with(cluster.url(VHOST, first=1)),
        crew=CREW,
    )
    try:
        stage.start_gateway()
        stage.start_worker()
        stage.start_worker()
        await stage.ready()
        await stage.staffed(2)
        yield stage
    finally:
        stage.close()
        print(stage.said()[-200_000:])


def _with(urls: str) -> str:
    return ",".join(f"{url}?heartbeat=2" for url in urls.split(","))


async def _declare(cluster: Cluster) -> None:
    """Make the work queue as an operator of a cluster does: replicated."""
    connection = await aio_pika.connect(cluster.nodes[0].url(VHOST))
    async with connection:
        channel = await connection.channel()
        await channel.declare_queue("crew", durable=True, arguments={"x-queue-type": "quorum"})


async def _leader(cluster: Cluster, alive: PrivateRabbitMQ) -> PrivateRabbitMQ:
    queue = await asyncio.to_thread(alive.management.call, "GET", f"/queues/{VHOST}/crew")
    return cluster.node_of(queue["leader"])


async def _serves(stage: Stage) -> bool:
    return (await http.ask(stage.port, "POST", "/once")).status == 200


@pytest.mark.parametrize("which", ["the gateway's", "the leader"])
async def test_a_node_is_lost(stage: Stage, cluster: Cluster, which: str) -> None:
    """Killed under load, a node costs no answer, and all that it served go on with the others."""
    lost = cluster.nodes[0]
    if which == "the leader":
        lost = await _leader(cluster, cluster.nodes[2])
    async with Load(lambda: [stage.port], MIX, clients=6) as load:
        await eventually(lambda: len(load.requests) > 20)
        await asyncio.to_thread(lost.kill)
        began = time.monotonic()
        await eventually(lambda: _serves(stage), within=FAILOVER)
        print(f"served again after {time.monotonic() - began:.2f} s")
        await stage.staffed(2)
        since = len(load.requests)
        await eventually(lambda: len(load.requests) > since + 20)
        ledger = settle(await load.stop(), stage.runs(), grace=GRACE)
    # `staffed` forgot the runs before it: who answered well then is not to be looked up.
    ledger.lost = 0
    print(ledger)
    assert ledger.broken() == []
    assert set(ledger.codes) <= {
        "200",
        "broker_down",
        "deadline",
        "worker_lost",
        "no_route",
        "busy",
    }
    assert ledger.succeeded
    assert (await stage.about())["pending"] == 0
    await asyncio.to_thread(lost.restart)


async def test_the_node_of_the_dead_letters_is_lost(stage: Stage, cluster: Cluster) -> None:
    """A dead-letter queue that cannot be reached keeps no worker from serving, new ones neither."""
    path = f"/queues/{VHOST}/crew.dead"
    queue = await asyncio.to_thread(cluster.nodes[0].management.call, "GET", path)
    lost = cluster.node_of(queue["node"])
    await asyncio.to_thread(lost.kill)
    await eventually(lambda: _serves(stage), within=FAILOVER)
    stage.start_worker()
    await stage.staffed(3)
    await asyncio.to_thread(lost.restart)
    assert await _serves(stage)
