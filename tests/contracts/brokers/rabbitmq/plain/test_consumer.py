import pytest

from contracts.brokers.port import Message, Queue
from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.epoch import Epoch
from contracts.brokers.rabbitmq.plain import Plain, consumer
from contracts.fault import Fault
from tests.contracts.brokers.kit import Inbox
from tests.harness.waiting import eventually


async def test_a_delivery_says_what_it_is(vhost_url: str) -> None:
    """A delivery is open, settled, or gone with its connection; then nothing leaves any more."""
    epoch, inbox = await Epoch.open(addresses(vhost_url)[0], "test", Plain()), Inbox()
    await epoch.declare(Queue(name="q"))
    await epoch.consume("q", inbox, 5)
    for number in range(2):
        epoch.publish(Message(correlation_id=str(number)), "q", "", None)
    first, second = await inbox.wait(2)
    assert repr(first) == "<PlainDelivery q '0' open>"
    with pytest.raises(Fault, match="invalid_request"):
        first.publish(Message(priority=256), "q")
    first.ack()
    first.reject(requeue=True)
    first.publish(Message(), "q")
    assert repr(first) == "<PlainDelivery q '0' settled>"
    epoch.end("enough")
    assert repr(second).endswith("gone>")
    second.publish(Message(), "q")
    second.ack()
    await epoch.dispose()


async def test_a_full_outbox_holds_deliveries_back(
    vhost_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While too much waits to be said no delivery is handed over; then all are, in order."""
    monkeypatch.setattr("contracts.brokers.rabbitmq.plain.outbox.HIGH_WATER", 10)
    epoch, inbox = await Epoch.open(addresses(vhost_url)[0], "test", Plain()), Inbox()
    await epoch.declare(Queue(name="q"))
    running = await epoch.consume("q", inbox, 5)
    assert isinstance(running, consumer.PlainConsumer)
    epoch.publish(Message(body=b"0"), "q", "", None)
    (first,) = await inbox.wait()
    for number in range(20):
        first.publish(Message(body=bytes(11), correlation_id=str(number)), "elsewhere")
    epoch.publish(Message(body=b"1"), "q", "", None)
    await eventually(lambda: running.unsettled == 2)
    await inbox.wait(2)
    assert inbox.bodies == [b"0", b"1"]
    assert "bytes=0" in repr(running._outbox)
    epoch.end("enough")
    await epoch.dispose()
