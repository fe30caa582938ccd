"""What becomes of the work of clients that are gone."""

import asyncio
import time

from tests.faults.test_clients import connections
from tests.faults.theatre import Theatre
from tests.harness.waiting import eventually

GAVE_UP = "cancelled: nobody waits for the answer any more"
# What two workers of the crew run at one time.
PLACES = 32


async def test_the_work_of_clients_that_are_gone_is_stopped(theatre: Theatre) -> None:
    """50 calls of 20 s are given up: those that run are stopped, the others never begin."""
    before = theatre.stage.said().count(GAVE_UP)
    async with connections(theatre.port, 50) as clients:
        for client in clients:
            client.send("POST", "/long?ms=20000")
        await eventually(lambda: len(theatre.stage.runs()) == PLACES)
    began = time.monotonic()
    await eventually(
        lambda: theatre.stage.said().count(GAVE_UP) == before + PLACES, what="all are stopped"
    )
    async with asyncio.timeout(2):
        assert (await theatre.ask("POST", "/once")).status == 200
    print(f"stopped and serving others after {(time.monotonic() - began) * 1000:.0f} ms")
    assert len(theatre.stage.runs()) == PLACES + 1
    await eventually(lambda: theatre.idle(theatre.gateway), within=1)
