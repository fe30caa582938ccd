from collections.abc import AsyncIterator

import pytest

from tests.contracts.brokers.rabbitmq.kit import RabbitKit
from tests.harness.rabbitmq import PrivateRabbitMQ


@pytest.fixture
async def kit(rabbitmq: PrivateRabbitMQ, vhost_url: str) -> AsyncIterator[RabbitKit]:
    """Clients of this test's own vhost, closed at its end."""
    kit = RabbitKit(rabbitmq, vhost_url)
    yield kit
    for client in kit.clients:
        await client.close()
