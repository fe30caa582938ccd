from collections.abc import AsyncIterator

import pytest

from tests.contracts.brokers.rabbitmq.kit import RabbitKit
from tests.harness.rabbitmq import PrivateRabbitMQ


@pytest.fixture(params=[True, False], ids=["lane", "plain"])
async def kit(
    rabbitmq: PrivateRabbitMQ, vhost_url: str, request: pytest.FixtureRequest
) -> AsyncIterator[RabbitKit]:
    """Clients of this test's own vhost, closed at its end: with the lane, and without."""
    kit = RabbitKit(rabbitmq, vhost_url, lane=request.param)
    yield kit
    for client in kit.clients:
        await client.close()
