"""An embedded broker with dead letters in it, for tests of what can be done with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.brokers.confirmed import publish_confirmed
from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Broker, Message, Queue
from contracts.dead_letter import Death, Letter, buried, read
from contracts.deadline import now_ms


def dead(
    name: str,
    reason: str = "worker_error",
    *,
    queue: str = "shop",
    ago: float = 0,
    operation: str = "shop.add",
    body: bytes = b'{"n":1}',
) -> Message:
    """Make a message that died ``ago`` seconds before now."""
    asked = Message(
        body=body,
        content_type="application/json",
        message_id=name,
        reply_to="gone",
        headers={"x-operation": operation, "x-route": "POST /items", "x-deadline": 5},
    )
    at = now_ms() - round(ago * 1000)
    return buried(asked, Death(reason=reason, detail="it failed", queue=queue, at=at))


async def bury(broker: Broker, *letters: Message, queue: str = "shop.dead") -> None:
    """Put letters into a dead-letter queue."""
    for name in (queue, "shop"):
        await broker.declare(Queue(name=name))
    for letter in letters:
        await publish_confirmed(broker, letter, routing_key=queue)


@asynccontextmanager
async def graveyard(*letters: Message) -> AsyncIterator[tuple[MemoryBroker, MemoryHub]]:
    """Give a client of an embedded broker with these letters in ``shop.dead``."""
    hub = MemoryHub()
    broker = MemoryBroker(hub)
    broker.start()
    await broker.ready(5)
    await bury(broker, *letters)
    yield broker, hub
    await broker.close()


async def held(broker: Broker, queue: str = "shop.dead") -> list[Letter]:
    """Give what a queue holds."""
    pull = await broker.pull(queue)
    found = []
    while delivery := await pull.take():
        found.append(read(delivery.message))
    await pull.close()
    return found


async def ids(broker: Broker, queue: str = "shop.dead") -> list[str]:
    """Give the ids of what a queue holds."""
    return [letter.id for letter in await held(broker, queue)]
