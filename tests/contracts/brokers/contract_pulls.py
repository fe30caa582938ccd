"""The contract suite on taking by hand: what a look into a queue sees and leaves."""

import pytest

from contracts.brokers.port import Broker, Delivery, Message, Pull, Queue, QueueStats, State
from contracts.fault import Fault
from tests.contracts.brokers.kit import Inbox, Kit, consuming, put, ready_messages, up
from tests.harness.waiting import eventually


async def filled(kit: Kit, *bodies: bytes) -> tuple[Broker, Pull]:
    """Put messages into ``q`` and begin to take them."""
    client = await up(kit)
    await client.declare(Queue(name="q"))
    await put(client, "q", *bodies)
    return client, await client.pull("q")


async def taken(pull: Pull) -> Delivery:
    """Take one that must be there."""
    delivery = await pull.take()
    assert delivery is not None
    return delivery


class PullsContract:
    """Taking messages by hand."""

    async def test_messages_are_taken_in_order_until_there_is_none(self, kit: Kit) -> None:
        """A pull gives one message a time, the oldest first, and ``None`` at the end."""
        _, pull = await filled(kit, b"1", b"2")
        assert [(await taken(pull)).message.body for _ in range(2)] == [b"1", b"2"]
        assert await pull.take() is None
        await pull.close()

    async def test_a_taken_message_is_whole(self, kit: Kit) -> None:
        """A message that is taken has its properties, its headers and all of its body."""
        client, pull = await filled(kit)
        message = Message(
            body=bytes(300_000),
            headers={"text": "x", "list": [{"n": 1}, {"n": 2}]},
            content_type="text/plain",
            type="req",
            correlation_id="c-1",
            message_id="m-1",
            timestamp=1_790_000_000,
            persistent=True,
        )
        await put(client, "q", message)
        delivery = await taken(pull)
        assert delivery.message == message
        assert (delivery.queue, delivery.redelivered) == ("q", False)
        await pull.close()

    async def test_what_is_not_settled_is_back_in_its_place(self, kit: Kit) -> None:
        """After the close all is as it was, less what was acknowledged, and marked."""
        client, pull = await filled(kit, b"1", b"2", b"3", b"4")
        for _ in range(3):
            delivery = await taken(pull)
            if delivery.message.body == b"2":
                delivery.ack()
        assert await ready_messages(client, "q") == 1
        await pull.close()
        inbox = Inbox(ack=True)
        await client.consume("q", inbox, prefetch=1)
        await inbox.wait(3)
        assert inbox.bodies == [b"1", b"3", b"4"]
        assert [one.redelivered for one in inbox.deliveries] == [True, True, False]

    async def test_a_pull_is_no_consumer(self, kit: Kit) -> None:
        """A pull is not counted as a consumer, and is given nothing that it does not ask for."""
        client, pull = await filled(kit, b"1")
        assert await client.stats("q") == QueueStats(messages=1, consumers=0)
        await taken(pull)
        assert await client.stats("q") == QueueStats(messages=0, consumers=0)
        await pull.close()
        await eventually(lambda: _has(client, 1))

    async def test_a_rejected_one_goes_to_the_dead_letters(self, kit: Kit) -> None:
        """A message that was taken may be rejected as any other."""
        client, dead = await up(kit), Inbox(ack=True)
        await consuming(client, "q.dead", dead)
        await client.declare(Queue(name="q", dead_letter="q.dead"))
        await put(client, "q", b"bad")
        pull = await client.pull("q")
        (await taken(pull)).reject(requeue=False)
        await dead.wait()
        await pull.close()

    async def test_publish_goes_before_the_ack(self, kit: Kit) -> None:
        """What a taken delivery publishes is there when its acknowledgement is."""
        client, pull = await filled(kit, b"1")
        await client.declare(Queue(name="other"))
        delivery = await taken(pull)
        delivery.publish(Message(body=b"copy"), "other")
        delivery.ack()
        delivery.ack()
        await pull.close()
        assert (await ready_messages(client, "q"), await ready_messages(client, "other")) == (0, 1)

    async def test_a_queue_that_is_not_there(self, kit: Kit) -> None:
        """A pull from no queue is ``no_route``, and the client stays up."""
        client = await up(kit)
        with pytest.raises(Fault, match="no_route"):
            await client.pull("missing")
        assert client.state is State.UP

    async def test_a_pull_ends_with_its_connection(self, kit: Kit) -> None:
        """When the connection is lost a pull is over, and what it had taken is back."""
        client, pull = await filled(kit, b"1")
        delivery = await taken(pull)
        kit.cut(client)
        await eventually(lambda: client.state is State.DOWN)
        with pytest.raises(Fault, match="broker_down"):
            await pull.take()
        delivery.ack()
        await pull.close()
        await client.ready(10)
        await eventually(lambda: _has(client, 1))


async def _has(client: Broker, messages: int) -> bool:
    return await ready_messages(client, "q") == messages
