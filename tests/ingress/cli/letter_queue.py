"""A real queue with dead letters in it, filled and looked at between two commands."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Message
from tests.ingress import graveyard

T = TypeVar("T")


def on(url: str, act: Callable[[Broker], Awaitable[T]]) -> T:
    """Connect to a broker, do something, and leave."""

    async def main() -> T:
        broker = open_broker(url, name="test")
        broker.start()
        try:
            await broker.ready(10)
            return await act(broker)
        finally:
            await broker.close()

    return asyncio.run(main())


def fill(url: str, *letters: Message) -> None:
    """Put letters into ``shop.dead``."""
    on(url, lambda broker: graveyard.bury(broker, *letters))


def ids(url: str, queue: str = "shop.dead") -> list[str]:
    """Give the ids of what a queue holds."""
    return on(url, lambda broker: graveyard.ids(broker, queue))
