"""The dead letters of accepted jobs: not done, and not lost either."""

from typing import Final

from contracts.brokers.opening import open_broker
from contracts.dead_letter import dead_queue, read
from tests.faults.theatre import Theatre

QUEUE: Final = dead_queue("keeper")


async def dead_letters(theatre: Theatre) -> set[str]:
    """Give the request ids of the jobs that are dead letters now; they stay where they are."""
    broker = open_broker(theatre.broker.url(theatre.vhost), name="chaos")
    broker.start()
    try:
        await broker.ready(10)
        pull = await broker.pull(QUEUE)
        found = set()
        while delivery := await pull.take():
            found.add(read(delivery.message).id)
        await pull.close()
        return found
    finally:
        await broker.close()
