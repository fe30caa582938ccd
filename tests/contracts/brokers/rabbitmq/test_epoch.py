import asyncio

import pytest
from yarl import URL

from contracts.brokers.port import Message, Queue
from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.epoch import Epoch
from contracts.brokers.rabbitmq.lane import Lane
from contracts.brokers.rabbitmq.link import Link
from contracts.fault import Fault
from tests.contracts.brokers.kit import Inbox, Outcomes
from tests.harness.waiting import eventually


async def opened(url: str) -> Epoch:
    return await Epoch.open(addresses(url)[0], "test", Lane())


async def test_the_end_is_the_end_of_everything(vhost_url: str) -> None:
    """At its end an epoch tells why, once, fails its outcomes and silences its deliveries."""
    epoch, reasons, outcomes, inbox = await opened(vhost_url), list[str](), Outcomes(), Inbox()
    await epoch.open_replies("test", print, print)
    await epoch.declare(Queue(name="q"))
    await epoch.consume("q", inbox, 1)
    epoch.publish(Message(), "q", "", None)
    await inbox.wait()
    epoch.on_end = reasons.append
    epoch.publish(Message(), "q", "", outcomes)
    epoch.publish(Message(), "q", "amq.topic", outcomes)
    epoch.end("enough")
    epoch.end("more")
    assert (reasons, outcomes.codes) == (["enough"], ["broker_down"] * 2)
    assert epoch.reply_queue == ""
    inbox.deliveries[0].ack()
    await epoch.dispose()
    assert "enough" in repr(epoch)


async def test_either_connection_ends_it(vhost_url: str) -> None:
    """The loss of either connection ends the epoch."""
    for which in ("_publishing", "_consuming"):
        epoch, reasons = await opened(vhost_url), list[str]()
        epoch.on_end = reasons.append
        getattr(epoch, which).wire.abort()
        await eventually(lambda reasons=reasons: reasons, 1)  # type: ignore[misc]
        await epoch.dispose()


async def test_queues_changed_meanwhile_are_taken(vhost_url: str) -> None:
    """A queue that somebody made with other settings is no reason to stay down."""
    epoch = await opened(vhost_url)
    await epoch.declare(Queue(name="q", max_length=5))
    await epoch.declare_again([Queue(name="q"), Queue(name="p")])
    assert await epoch.stats("p") is not None
    await epoch.dispose()


async def test_a_queue_whose_node_is_away_can_wait(
    vhost_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue that cannot be reached now keeps the epoch from nothing; other faults do."""
    epoch, faults = await opened(vhost_url), [Fault("no_route"), Fault("broker_down")]

    async def declare(_: Queue) -> None:
        raise faults.pop(0)

    monkeypatch.setattr(epoch, "declare", declare)
    await epoch.declare_again([Queue(name="q")])
    with pytest.raises(Fault, match="broker_down"):
        await epoch.declare_again([Queue(name="q")])
    await epoch.dispose()


async def test_a_cancelled_consumer_leaves_when_idle(vhost_url: str) -> None:
    """The channel of a cancelled consumer stays until its last delivery is settled."""
    epoch, inbox = await opened(vhost_url), Inbox()
    await epoch.declare(Queue(name="q"))
    consumer = await epoch.consume("q", inbox, 1)
    epoch.publish(Message(), "q", "", None)
    (delivery,) = await inbox.wait()
    await epoch.cancel(consumer)
    assert "consumers=1" in repr(epoch)
    delivery.ack()
    await eventually(lambda: "consumers=0" in repr(epoch))
    assert not epoch.ended
    await epoch.dispose()


async def test_half_an_epoch_is_none(vhost_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When one of the two connections fails, or we are cancelled, the other is closed."""
    made: list[Link] = []
    original = Link.open

    async def open_one(url: URL, name: str) -> Link:
        if name.endswith("consume"):
            await eventually(lambda: made)
            if failing:
                raise Fault("broker_down", "no more connections")
            await asyncio.sleep(60)
        made.append(await original(url, name))
        return made[-1]

    monkeypatch.setattr(Link, "open", open_one)
    failing = True
    with pytest.raises(Fault, match="no more connections"):
        await opened(vhost_url)
    assert made.pop().wire.lost_because
    failing = False
    task = asyncio.ensure_future(opened(vhost_url))
    await eventually(lambda: made)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made[0].wire.lost_because
