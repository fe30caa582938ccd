import asyncio

import pytest

from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.link import MOST_CHANNELS, Link
from contracts.fault import Fault
from tests.harness.waiting import eventually


async def test_a_link_opens_channels_and_says_goodbye(vhost_url: str) -> None:
    """A link is a connection with channels, and leaves nothing behind."""
    link = await Link.open(addresses(vhost_url)[0], "test")
    channel = await link.channel()
    assert link.frame_max >= 4096
    await link.shut(channel)
    await link.shut(channel)
    await link.close()
    await link.close()
    assert link.wire.lost_because
    with pytest.raises(Fault, match="broker_down"):
        await link.channel()


async def test_a_cut_link_is_heard_at_once(vhost_url: str) -> None:
    """A cut connection is heard where bytes are read, and closing it then is quick."""
    link = await Link.open(addresses(vhost_url)[0], "test")
    heard: list[str] = []
    link.wire.on_lost = heard.append
    link.wire.abort()
    await eventually(lambda: heard, 1)
    await asyncio.wait_for(link.close(), 3)


async def test_nobody_there() -> None:
    """A refused connection is ``broker_down`` with the system's words, and leaves nothing open."""
    with pytest.raises(Fault, match="Connect"):
        await Link.open(addresses("amqp://127.0.0.1:1")[0], "test")


async def test_a_channel_number_rests_before_it_is_used_again(vhost_url: str) -> None:
    """One that was closed is not the next one: its end may still be on its way."""
    link = await Link.open(addresses(vhost_url)[0], "test")
    first = await link.channel()
    await link.shut(first)
    second = await link.channel()
    third = await link.plain_channel(confirms=False)
    assert len({first.number, second.number, third.number}) == 3
    link._last = link._amqp.connection_tune.channel_max or MOST_CHANNELS
    again = await link.channel()
    assert again.number not in {second.number, third.number}
    await link.close()
