"""RabbitMQ's bad days, for the contract suite."""

import asyncio
from urllib.parse import urlsplit

from contracts.brokers.port import Broker
from contracts.brokers.rabbitmq import RabbitMQBroker
from tests.harness.rabbitmq import PrivateRabbitMQ


class RabbitKit:
    """Clients of one vhost of a real RabbitMQ."""

    def __init__(self, node: PrivateRabbitMQ, url: str, *, lane: bool = True) -> None:
        self.node = node
        self.lane = lane
        self.url = url
        self.vhost = urlsplit(url).path[1:]
        self.clients: list[Broker] = []

    def client(self, name: str = "test") -> Broker:
        return self.at(self.url, name)

    def at(self, url: str, name: str = "test") -> RabbitMQBroker:
        """Make a client of another address, the same way."""
        broker = RabbitMQBroker(url, name=name, lane=self.lane)
        self.clients.append(broker)
        return broker

    async def kill(self, client: Broker) -> None:
        self.cut(client)
        await client.close()

    def cut(self, client: Broker) -> None:
        assert isinstance(client, RabbitMQBroker)
        client.cut()

    async def restart(self) -> None:
        await asyncio.to_thread(self.node.kill)
        await asyncio.to_thread(self.node.restart)

    async def block(self) -> None:
        await asyncio.to_thread(self.node.block_publishers)

    async def unblock(self) -> None:
        await asyncio.to_thread(self.node.unblock_publishers)
