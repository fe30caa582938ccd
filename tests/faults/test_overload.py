"""What is promised when far more comes than can be served."""

import asyncio
from collections import Counter

from bench.openloop import OpenLoop
from tests.faults.theatre import ONE_WAY, Theatre
from tests.harness.waiting import eventually

# Two workers with 16 places each, and half a second of work.
CAPACITY = 64.0
SECONDS = 4.0
pytestmark = ONE_WAY


async def test_ten_times_the_load_costs_only_the_excess(theatre: Theatre) -> None:
    """About as many are served as can be, and nearly all others are refused at once."""
    loop = OpenLoop(theatre.port, ("/shed?ms=500",), 10 * CAPACITY, SECONDS)
    samples = await loop.run()
    counts = Counter(sample.status for sample in samples)
    print(f"{counts} {await theatre.gateway.about()}")
    # The first second fills the queue by what the limit begins with, and some of it is too late.
    assert set(counts) <= {200, 503, 504}
    assert counts[504] < 0.1 * counts[200]
    assert counts[200] > CAPACITY * SECONDS * 0.6
    assert counts[503] > 5 * counts[200]
    await eventually(lambda: theatre.answers("GET", "/shed"), within=2)


async def test_a_flood_on_one_route_leaves_the_others_alone(theatre: Theatre) -> None:
    """While one route is flooded its own calls are turned away, not those of another queue."""
    loop = OpenLoop(theatre.port, ("/shed?ms=500",), 5 * CAPACITY, 2)
    flood = asyncio.create_task(loop.run())
    await eventually(lambda: any(sample.status == 503 for sample in loop.samples))
    refused = [sample.took for sample in loop.samples if sample.status == 503]
    assert sorted(refused)[len(refused) // 2] < 0.05
    assert (await theatre.ask("POST", "/jobs?ms=0")).status == 202
    await flood
