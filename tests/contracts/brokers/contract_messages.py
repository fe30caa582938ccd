"""The contract suite on messages: what they keep, how they expire, what a publisher hears."""

import asyncio
from typing import Any

import pytest

from contracts.brokers.port import Broker, Message, Queue
from contracts.fault import Fault
from tests.contracts.brokers.kit import (
    Inbox,
    Kit,
    Outcomes,
    States,
    consuming,
    put,
    ready_messages,
    settled,
    up,
)
from tests.harness.waiting import eventually


class MessagesContract:
    """What a message keeps on its way."""

    async def test_a_message_arrives_with_every_property(self, kit: Kit) -> None:
        """A message arrives as it was published, every property of it."""
        client, inbox = await up(kit), Inbox(ack=True)
        await consuming(client, "q", inbox)
        message = Message(
            body=b"hello",
            headers={"text": "x", "number": 7, "big": 2**40, "yes": True, "none": None},
            content_type="text/plain",
            content_encoding="identity",
            type="req",
            correlation_id="c-1",
            reply_to="somewhere",
            message_id="m-1",
            app_id="test",
            timestamp=1_790_000_000,
            expiration_ms=60_000,
            priority=3,
            persistent=True,
        )
        client.publish(message, routing_key="q")
        (delivery,) = await inbox.wait()
        assert delivery.message == message
        assert delivery.queue == "q"
        assert not delivery.redelivered

    @pytest.mark.parametrize(
        "body",
        [b"", bytes(range(256)), b"\xce" * 9, bytes(300_000), bytes(range(256)) * 8192],
        ids=["empty", "all bytes", "frame ends", "some frames", "2 MiB"],
    )
    async def test_a_body_is_bytes(self, kit: Kit, body: bytes) -> None:
        """Any bytes arrive unchanged, and so does a body of several frames."""
        client, inbox = await up(kit), Inbox(ack=True)
        await consuming(client, "q", inbox)
        await put(client, "q", body, b"next")
        await inbox.wait(2)
        assert inbox.bodies == [body, b"next"]

    async def test_unicode_survives(self, kit: Kit) -> None:
        """Headers and ids may be any Unicode, and a client may have any name."""
        client, inbox = await up(kit, "gateway ü 🐇"), Inbox(ack=True)
        await consuming(client, "q", inbox)
        headers = {"x-path": "/größe/🐇", "ключ": "значение"}
        await put(client, "q", Message(headers=headers, correlation_id="→"))
        (delivery,) = await inbox.wait()
        assert delivery.message.headers == headers
        assert delivery.message.correlation_id == "→"

    @pytest.mark.parametrize(
        "message",
        [
            Message(correlation_id="x" * 256),
            Message(content_type="→" * 100),
            Message(headers={"x" * 129: "y"}),
        ],
        ids=["id", "bytes, not characters", "header name"],
    )
    async def test_what_amqp_cannot_carry_is_refused(self, kit: Kit, message: Message) -> None:
        """What AMQP cannot carry is refused at once, and harms nobody else."""
        client, outcomes = await up(kit), Outcomes()
        await client.declare(Queue(name="q"))
        with pytest.raises(Fault, match="invalid_request"):
            client.publish(message, routing_key="q", on_outcome=outcomes)
        await put(client, "q", b"fine")
        assert outcomes.heard == []


class ExpiryContract:
    """Messages that nobody takes in time."""

    async def test_expired_goes_to_the_dead_letters(self, kit: Kit) -> None:
        """A message that expires goes to the dead-letter queue, and does not expire there."""
        client, dead = await up(kit), Inbox(ack=True)
        await consuming(client, "q.dead", dead)
        await client.declare(Queue(name="q", dead_letter="q.dead"))
        await put(client, "q", Message(body=b"late", expiration_ms=50))
        (letter,) = await dead.wait()
        assert letter.message.headers["x-death"][0]["reason"] == "expired"
        assert letter.message.expiration_ms is None

    async def test_only_the_head_expires(self, kit: Kit) -> None:
        """A message expires when it is at the head: a long-lived one in front holds it up."""
        client, dead, inbox = await up(kit), Inbox(ack=True), Inbox()
        await consuming(client, "q.dead", dead)
        await client.declare(Queue(name="q", dead_letter="q.dead"))
        await put(client, "q", Message(body=b"long"), Message(body=b"short", expiration_ms=1))
        await asyncio.sleep(0.1)
        assert dead.bodies == []
        await client.consume("q", inbox, prefetch=1)
        await dead.wait()
        assert (inbox.bodies, dead.bodies) == ([b"long"], [b"short"])

    async def test_expiration_0_is_now_or_never(self, kit: Kit) -> None:
        """With expiration 0 a message goes to a consumer that is free, or to the dead letters."""
        client, dead, inbox = await up(kit), Inbox(ack=True), Inbox()
        await consuming(client, "q.dead", dead)
        await client.declare(Queue(name="q", dead_letter="q.dead"))
        await put(client, "q", Message(body=b"nobody", expiration_ms=0))
        await dead.wait(1)
        await client.consume("q", inbox, prefetch=1)
        await put(client, "q", Message(body=b"free", expiration_ms=0))
        await inbox.wait(1)
        await put(client, "q", Message(body=b"busy", expiration_ms=0))
        await dead.wait(2)
        assert (inbox.bodies, dead.bodies) == ([b"free"], [b"nobody", b"busy"])


class PublishContract:
    """What a publisher hears."""

    async def test_confirmed(self, kit: Kit) -> None:
        """The outcome of a message that a queue took is None, once."""
        client, outcomes = await up(kit), Outcomes()
        await client.declare(Queue(name="q"))
        for _ in range(100):
            client.publish(Message(), routing_key="q", on_outcome=outcomes)
        await outcomes.wait(100)
        await settled()
        assert outcomes.codes == [""] * 100

    async def test_unroutable(self, kit: Kit) -> None:
        """The outcome of a message that no queue takes is ``no_route``, and known not to run."""
        client, outcomes, fine = await up(kit), Outcomes(), Outcomes()
        await client.declare(Queue(name="q"))
        for number in range(20):
            message = Message(body=b"x", correlation_id=str(number))
            client.publish(message, routing_key="q", on_outcome=fine)
            client.publish(message, routing_key="missing", on_outcome=outcomes)
        assert await outcomes.wait(20) == ["no_route"] * 20
        assert await fine.wait(20) == [""] * 20
        assert outcomes.heard[0] is not None
        assert outcomes.heard[0].not_run

    async def test_missing_exchange(self, kit: Kit) -> None:
        """A missing exchange is ``no_route`` too, and troubles no other publisher."""
        client, outcomes, states = await up(kit), Outcomes(), States()
        client.watch(states)
        await client.declare(Queue(name="q"))
        for _ in range(3):
            client.publish(Message(), routing_key="q", exchange="nowhere", on_outcome=outcomes)
        await put(client, "q", b"fine")
        assert await outcomes.wait(3) == ["no_route"] * 3
        assert not states.heard

    async def test_full(self, kit: Kit) -> None:
        """The outcome of a message to a full queue is ``busy``."""
        client, outcomes = await up(kit), Outcomes()
        await client.declare(Queue(name="q", max_length=2))
        for _ in range(2):
            await put(client, "q", b"x")
        client.publish(Message(), routing_key="q", on_outcome=outcomes)
        assert await outcomes.wait() == ["busy"]

    async def test_higher_priorities_go_first(self, kit: Kit) -> None:
        """Where the queue has priorities: then in order, and above its highest all are alike."""
        client, inbox = await up(kit), Inbox(ack=True)
        await client.declare(Queue(name="q", max_priority=5))
        for number, priority in enumerate([None, 0, 3, 9, 5, 3]):
            await put(client, "q", Message(body=b"%d" % number, priority=priority))
        await eventually(lambda: _counted(client, 6))
        await client.consume("q", inbox, prefetch=1)
        await inbox.wait(6)
        assert inbox.bodies == [b"3", b"4", b"2", b"5", b"0", b"1"]

    async def test_a_single_active_consumer_gets_all(self, kit: Kit) -> None:
        """Until it leaves: then the next one does."""
        client, first, second = await up(kit), Inbox(ack=True), Inbox(ack=True)
        await client.declare(Queue(name="q", single_active=True))
        subscription = await client.consume("q", first, prefetch=1)
        await client.consume("q", second, prefetch=1)
        for number in range(4):
            await put(client, "q", b"%d" % number)
        await first.wait(4)
        await subscription.cancel()
        await put(client, "q", b"4")
        await second.wait(1)
        assert (first.bodies, second.bodies) == ([b"0", b"1", b"2", b"3"], [b"4"])

    async def test_a_failing_outcome_listener_stops_nothing(self, kit: Kit) -> None:
        """An outcome listener that raises does not keep the others from hearing theirs."""
        client, outcomes = await up(kit), Outcomes()
        errors: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, told: errors.append(told))
        await client.declare(Queue(name="q"))

        def fail(fault: Fault | None) -> None:
            raise RuntimeError(f"mine, of {fault}")

        client.publish(Message(), routing_key="q", on_outcome=fail)
        client.publish(Message(), routing_key="q", on_outcome=outcomes)
        assert await outcomes.wait() == [""]
        assert str(errors[0]["exception"]) == "mine, of None"


async def _counted(client: Broker, messages: int) -> bool:
    return await ready_messages(client, "q") == messages
