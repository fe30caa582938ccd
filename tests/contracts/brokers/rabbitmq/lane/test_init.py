import pytest

from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.lane import Lane
from contracts.brokers.rabbitmq.link import Link
from contracts.fault import Fault
from tests.contracts.brokers.kit import Inbox


async def test_a_refused_consumer_leaves_no_channel(vhost_url: str) -> None:
    """A consumer of a queue that is not there is ``no_route``, its channel is gone."""
    link = await Link.open(addresses(vhost_url)[0], "test")
    with pytest.raises(Fault, match="no_route"):
        await Lane().consumer(link, "missing", Inbox(), 1)
    assert link.wire.handlers == {}
    assert not link.wire.lost_because
    await link.close()
