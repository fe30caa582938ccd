import pytest

from contracts.brokers.port import Message, Queue
from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.epoch import Epoch
from contracts.brokers.rabbitmq.hot_path import HotPath
from contracts.brokers.rabbitmq.lane import Lane
from contracts.brokers.rabbitmq.plain import Plain
from tests.contracts.brokers.kit import Inbox, Outcomes


@pytest.mark.parametrize("path", [Lane(), Plain()], ids=repr)
async def test_both_ways_fit_the_seam(path: HotPath, vhost_url: str) -> None:
    """An epoch works on either way, and leaves nothing unsaid when it goes."""
    epoch = await Epoch.open(addresses(vhost_url)[0], "test", path)
    heard: list[Message] = []
    await epoch.open_replies("test", heard.append, print)
    await epoch.declare(Queue(name="q"))
    inbox, outcomes = Inbox(), Outcomes()
    consumer = await epoch.consume("q", inbox, 1)
    epoch.publish(Message(body=b"1"), "q", "", outcomes)
    (delivery,) = await inbox.wait()
    assert await outcomes.wait() == [""]
    assert consumer.unsettled == 1
    delivery.publish(Message(body=b"2"), epoch.reply_queue)
    delivery.ack()
    assert consumer.unsettled == 0
    epoch.end("enough")
    await epoch.dispose()
    other = await Epoch.open(addresses(vhost_url)[0], "test", path)
    stats = await other.stats("q")
    assert stats is not None
    assert stats.messages == 0
    await other.dispose()
