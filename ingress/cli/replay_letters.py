"""Dead letters as calls that can be replayed."""

from typing import Final

import typer

from contracts.brokers.port import Broker
from contracts.dead_letter import Letter
from contracts.dialects import dialect
from ingress import dlq
from ingress.cli import client
from ingress.cli.replay_place import Place
from ingress.journal.record import Record
from ingress.letters import EVERY
from ingress.replay.order import Order
from ingress.replay.source import of_letters

DLQ: Final = "dlq:"
"""How a source begins that is a queue of dead letters."""

_MOST: Final = 1_000_000


def dead_letters(place: Place, order: Order) -> list[Record]:
    """Read the letters that an order means; they stay where they are.

    What is no call is told and passed over.
    """
    name = order.source.removeprefix(DLQ)
    queue = dlq.queue_of(name)

    async def act(broker: Broker) -> list[Letter]:
        return await dlq.look(broker, queue, EVERY, limit=_MOST)

    letters = client.run(place.broker, act)
    records, passed = of_letters(letters, dialect(_dialect_of(place, queue)))
    for letter, why in passed:
        typer.echo(f"queuegate: {letter} is passed over: {why}", err=True)
    return [one for one in records if order.wanted.fits(one)]


def _dialect_of(place: Place, queue: str) -> str:
    """Give the dialect of the service whose dead letters a queue holds."""
    services = (place.route_file.services if place.route_file else None) or {}
    for name, service in services.items():
        if dlq.queue_of(service.queue or name) == queue:
            return str(service.dialect)
    return "queuegate"
