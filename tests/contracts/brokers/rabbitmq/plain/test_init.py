import pytest

from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.link import Link
from contracts.brokers.rabbitmq.plain import Plain
from contracts.fault import Fault
from tests.contracts.brokers.kit import Inbox


async def test_no_frame_is_taken(vhost_url: str) -> None:
    """On the plain way aiormq sees every frame: the wire has no handlers."""
    link = await Link.open(addresses(vhost_url)[0], "test")
    await Plain().publisher(link)
    await Plain().replies(link, "test.replies", print)
    assert link.wire.handlers == {}
    await link.close()


async def test_a_refused_consumer_is_no_loss(vhost_url: str) -> None:
    """A consumer of a queue that is not there is ``no_route``, and the link lives."""
    link = await Link.open(addresses(vhost_url)[0], "test")
    with pytest.raises(Fault, match="no_route"):
        await Plain().consumer(link, "missing", Inbox(), 1)
    assert not link.wire.lost_because
    await link.close()
