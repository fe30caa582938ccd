import asyncio

import pytest

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.link import Link
from contracts.brokers.rabbitmq.plain import Plain, publisher
from contracts.fault import Fault
from tests.contracts.brokers.kit import Outcomes
from tests.harness.waiting import eventually


async def test_too_much_is_refused(vhost_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes unconfirmed than may wait refuse the next publish, until they are confirmed."""
    monkeypatch.setattr(publisher, "MAX_UNSENT", 10)
    link, outcomes = await Link.open(addresses(vhost_url)[0], "test"), Outcomes()
    plain = await Plain().publisher(link)
    plain.publish(Message(body=bytes(11)), "missing", "", outcomes)
    with pytest.raises(Fault, match="broker_blocked"):
        plain.publish(Message(), "missing", "", outcomes)
    assert await outcomes.wait() == ["no_route"]
    plain.publish(Message(), "missing", "amq.direct", outcomes)
    assert await outcomes.wait(2) == ["no_route"] * 2
    assert "exchange amq.direct" in str(outcomes.heard[1])
    await link.close()


async def test_a_lost_channel_is_a_lost_connection(vhost_url: str) -> None:
    """A channel that the broker closes ends it all, and nobody waits for an outcome."""
    link, outcomes = await Link.open(addresses(vhost_url)[0], "test"), Outcomes()
    plain = await Plain().publisher(link)
    plain.publish(Message(), "q", "no such exchange", outcomes)
    plain.publish(Message(), "q", "", outcomes)
    await eventually(lambda: link.wire.lost_because)
    assert "NOT_FOUND" in link.wire.lost_because
    plain.lost("the end")
    assert outcomes.codes == ["broker_down"] * 2
    await asyncio.sleep(0)
    await link.close()
    assert len(outcomes.heard) == 2
