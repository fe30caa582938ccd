"""The contract suite: what every broker does, whatever it is made of.

Subclassed for the embedded broker and for RabbitMQ; each gives its ``kit``.
"""

import asyncio
from typing import Any

import pytest

from contracts.brokers.port import Delivery, Message, Queue, QueueStats, State
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
            Message(headers={"x" * 256: "y"}),
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


class DeliveryContract:
    """Who gets what, when, and what happens to it then."""

    async def test_a_queue_keeps_the_order(self, kit: Kit) -> None:
        """One consumer gets the messages in the order of publishing."""
        client, inbox = await up(kit), Inbox(ack=True)
        await consuming(client, "q", inbox)
        bodies = [str(number).encode() for number in range(500)]
        await put(client, "q", *bodies)
        await inbox.wait(500)
        assert inbox.bodies == bodies

    async def test_nothing_is_delivered_inside_publish(self, kit: Kit) -> None:
        """Deliveries and outcomes come from the event loop, never inside ``publish``."""
        client, inbox, outcomes = await up(kit), Inbox(ack=True), Outcomes()
        await consuming(client, "q", inbox)
        client.publish(Message(), routing_key="q", on_outcome=outcomes)
        assert (inbox.deliveries, outcomes.heard) == ([], [])
        await inbox.wait()

    async def test_consumers_compete_in_turn(self, kit: Kit) -> None:
        """Two consumers that keep up share a queue evenly, and nobody gets what the other got."""
        one, two = await up(kit), await up(kit)
        first, second = Inbox(ack=True), Inbox(ack=True)
        await consuming(one, "q", first, prefetch=1)
        await consuming(two, "q", second, prefetch=1)
        for number in range(40):
            await put(one, "q", str(number).encode())
        await eventually(lambda: len(first.bodies + second.bodies) == 40)
        assert len(first.bodies) == len(second.bodies) == 20
        assert len({*first.bodies, *second.bodies}) == 40

    async def test_prefetch_bounds_what_is_unsettled(self, kit: Kit) -> None:
        """A consumer holds at most ``prefetch`` unsettled; the rest waits or goes to others."""
        client, busy, free = await up(kit), Inbox(), Inbox(ack=True)
        await consuming(client, "q", busy, prefetch=3)
        await put(client, "q", *[b"x"] * 10)
        await busy.wait(3)
        assert await ready_messages(client, "q") == 7
        busy.deliveries[0].ack()
        await busy.wait(4)
        await consuming(await up(kit), "q", free, prefetch=1)
        await free.wait(6)
        assert len(busy.deliveries) == 4

    async def test_a_dead_consumer_gives_back(self, kit: Kit) -> None:
        """What a consumer had not settled when it died goes to another, first and marked."""
        doomed, held = await up(kit), Inbox()
        await consuming(doomed, "q", held, prefetch=2)
        heir, inherited = await up(kit), Inbox(ack=True)
        await put(heir, "q", b"1", b"2", b"3", b"4")
        await held.wait(2)
        await kit.kill(doomed)
        await consuming(heir, "q", inherited)
        await inherited.wait(4)
        assert inherited.bodies == [b"1", b"2", b"3", b"4"]
        assert [d.redelivered for d in inherited.deliveries] == [True, True, False, False]

    async def test_closing_gives_back(self, kit: Kit) -> None:
        """What was not settled when a client closed goes back to its queue."""
        leaving, held = await up(kit), Inbox()
        await consuming(leaving, "q", held)
        other, inbox = await up(kit), Inbox(ack=True)
        await put(other, "q", b"1")
        await held.wait()
        await leaving.close()
        await consuming(other, "q", inbox)
        assert (await inbox.wait())[0].redelivered

    async def test_requeued_comes_back(self, kit: Kit) -> None:
        """A message given back comes again, marked as redelivered."""
        client, inbox = await up(kit), Inbox()
        await consuming(client, "q", inbox)
        await put(client, "q", b"1")
        (delivery,) = await inbox.wait()
        delivery.reject(requeue=True)
        again = (await inbox.wait(2))[1]
        assert (again.message.body, again.redelivered) == (b"1", True)
        again.ack()
        await asyncio.sleep(0.05)
        assert await ready_messages(client, "q") == 0

    async def test_rejected_goes_to_the_dead_letters(self, kit: Kit) -> None:
        """A rejected message goes to the dead-letter queue, with the reason."""
        client, inbox, dead = await up(kit), Inbox(), Inbox(ack=True)
        await consuming(client, "q.dead", dead)
        await client.declare(Queue(name="q", dead_letter="q.dead"))
        await client.consume("q", inbox, prefetch=1)
        await put(client, "q", Message(body=b"bad", headers={"a": 1}, correlation_id="c"))
        (await inbox.wait())[0].reject(requeue=False)
        (letter,) = await dead.wait()
        assert (letter.message.body, letter.message.correlation_id) == (b"bad", "c")
        assert letter.message.headers["a"] == 1
        death = letter.message.headers["x-death"][0]
        assert (death["reason"], death["queue"], death["count"]) == ("rejected", "q", 1)

    async def test_rejected_without_dead_letters_is_gone(self, kit: Kit) -> None:
        """A rejected message is gone when its queue has no dead-letter queue."""
        client, inbox = await up(kit), Inbox()
        await consuming(client, "q", inbox)
        await put(client, "q", b"1", b"2")
        await inbox.wait(2)
        inbox.deliveries[0].reject(requeue=False)
        inbox.deliveries[1].ack()
        await client.close()
        other = await up(kit)
        assert await ready_messages(other, "q") == 0

    async def test_settling_twice_is_harmless(self, kit: Kit) -> None:
        """Only the first settlement counts, and one after the connection is gone does nothing."""
        client, inbox = await up(kit), Inbox()
        await client.declare(Queue(name="q"))
        await client.consume("q", inbox, prefetch=2)
        await put(client, "q", b"1", b"2", b"3")
        first, second = await inbox.wait(2)
        first.ack()
        first.reject(requeue=True)
        first.ack()
        # The third comes when the broker has seen the first settled.
        await inbox.wait(3)
        kit.cut(client)
        await eventually(lambda: client.state is State.DOWN)
        second.publish(Message(), "q")
        second.ack()
        await client.ready(10)
        await inbox.wait(5)
        assert inbox.bodies == [b"1", b"2", b"3", b"2", b"3"]
        assert inbox.deliveries[-1].redelivered

    async def test_a_failing_callback_stops_nothing(self, kit: Kit) -> None:
        """A callback that raises is reported to the event loop, and the next one is called."""
        client, inbox = await up(kit), Inbox(ack=True)
        errors: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, told: errors.append(told))

        def fail_first(delivery: Delivery) -> None:
            inbox(delivery)
            if len(inbox.deliveries) == 1:
                raise RuntimeError("mine")

        await consuming(client, "q", fail_first)
        await put(client, "q", b"1", b"2")
        await inbox.wait(2)
        assert str(errors[0]["exception"]) == "mine"
        assert client.state is State.UP

    async def test_cancelled_consumers_get_no_more(self, kit: Kit) -> None:
        """After a cancel nothing more is delivered, and what was can still be settled."""
        client, inbox = await up(kit), Inbox()
        await client.declare(Queue(name="q"))
        subscription = await client.consume("q", inbox, prefetch=1)
        await put(client, "q", b"1", b"2")
        await inbox.wait()
        await subscription.cancel()
        await subscription.cancel()
        inbox.deliveries[0].ack()
        await client.close()
        assert await (await up(kit)).stats("q") == QueueStats(messages=1, consumers=0)
        assert inbox.bodies == [b"1"]

    async def test_reply_first_then_ack(self, kit: Kit) -> None:
        """What a delivery publishes is there whenever its acknowledgement is."""
        worker, gateway = await up(kit), kit.client()
        heard: list[Message] = []
        replies = gateway.replies(heard.append)
        gateway.start()
        await gateway.ready(10)

        def work(delivery: Delivery) -> None:
            delivery.publish(Message(body=delivery.message.body), delivery.message.reply_to)
            delivery.ack()

        await consuming(worker, "q", work)
        for number in range(50):
            message = Message(body=str(number).encode(), reply_to=replies.name)
            gateway.publish(message, routing_key="q")
        await eventually(lambda: len(heard) == 50)
        await worker.close()
        assert [message.body for message in heard] == [str(n).encode() for n in range(50)]
        assert await ready_messages(gateway, "q") == 0


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


class QueuesContract:
    """Declaring, counting and deleting."""

    async def test_declaring_twice_is_fine(self, kit: Kit) -> None:
        """A queue may be declared again with the same settings, by anybody."""
        for client in (await up(kit), await up(kit)):
            for _ in range(2):
                await client.declare(Queue(name="q", dead_letter="d", max_length=5))

    @pytest.mark.parametrize("name", ["", "x" * 256, "orders\n", "café"])
    async def test_names_have_limits(self, kit: Kit, name: str) -> None:
        """A queue's name is plain ASCII, 1 to 255 characters, or an ``invalid_request``."""
        client = await up(kit)
        with pytest.raises(Fault, match="invalid_request"):
            await client.declare(Queue(name=name))
        await client.declare(Queue(name="Orders-2.eu/fast:a@b#c,d+e f_g"))

    async def test_other_settings_conflict(self, kit: Kit) -> None:
        """Declaring a queue with other settings is a ``conflict``, and the client stays up."""
        client = await up(kit)
        await client.declare(Queue(name="q"))
        with pytest.raises(Fault, match="conflict"):
            await client.declare(Queue(name="q", max_length=5))
        assert client.state is State.UP
        await put(client, "q", b"fine")

    async def test_passive_only_looks(self, kit: Kit) -> None:
        """A passive declaration finds a queue or raises ``no_route``, and makes nothing."""
        client = await up(kit)
        with pytest.raises(Fault, match="no_route"):
            await client.declare(Queue(name="q", passive=True))
        assert await client.stats("q") is None
        await client.declare(Queue(name="q", max_length=5))
        await client.declare(Queue(name="q", passive=True))

    async def test_consuming_from_nowhere(self, kit: Kit) -> None:
        """Consuming from a queue that is not there is ``no_route``, and the client stays up."""
        client = await up(kit)
        with pytest.raises(Fault, match="no_route"):
            await client.consume("missing", Inbox(), prefetch=1)
        assert client.state is State.UP
        await consuming(client, "q", Inbox(ack=True))
        await put(client, "q", b"fine")

    async def test_stats_count(self, kit: Kit) -> None:
        """Stats count ready messages and consumers; ``None`` stands for no such queue."""
        client = await up(kit)
        assert await client.stats("q") is None
        await client.declare(Queue(name="q"))
        await put(client, "q", *[b"x"] * 5)
        assert await client.stats("q") == QueueStats(messages=5, consumers=0)
        inbox = Inbox()
        await client.consume("q", inbox, prefetch=2)
        await inbox.wait(2)
        assert await client.stats("q") == QueueStats(messages=3, consumers=1)

    async def test_delete(self, kit: Kit) -> None:
        """A deleted queue is gone with its messages, and a reconnect does not bring it back."""
        client, inbox = await up(kit), Inbox()
        await consuming(client, "q", inbox)
        await client.delete("q")
        await client.delete("q")
        kit.cut(client)
        await eventually(lambda: client.state is State.DOWN)
        await client.ready(10)
        assert await client.stats("q") is None

    async def test_auto_delete(self, kit: Kit) -> None:
        """An auto-delete queue goes with its last consumer."""
        client = await up(kit)
        await client.declare(Queue(name="q", auto_delete=True))
        subscription = await client.consume("q", Inbox(), prefetch=1)
        await subscription.cancel()

        async def gone() -> bool:
            return await client.stats("q") is None

        await eventually(gone)

    async def test_a_queue_deleted_under_its_consumer(self, kit: Kit) -> None:
        """A consumer whose queue somebody deletes declares it anew and goes on."""
        client, inbox = await up(kit), Inbox(ack=True)
        await consuming(client, "q", inbox)
        other = await up(kit)
        await other.delete("q")

        async def back() -> bool:
            stats = await other.stats("q")
            return stats is not None and stats.consumers == 1

        await eventually(back, 5)
        await put(other, "q", b"again")
        await inbox.wait()
        assert inbox.bodies == [b"again"]


class RepliesContract:
    """The client's own queue."""

    async def test_replies_arrive(self, kit: Kit) -> None:
        """What is published to the reply queue's name comes to its owner, in order."""
        gateway, worker = kit.client(), await up(kit)
        heard: list[Message] = []
        replies = gateway.replies(heard.append)
        assert replies.name == ""
        gateway.start()
        await gateway.ready(10)
        await put(worker, replies.name, b"1", b"2", Message(body=bytes(200_000)), b"")
        await eventually(lambda: len(heard) == 4)
        assert [len(message.body) for message in heard] == [1, 1, 200_000, 0]

    async def test_opened_while_up(self, kit: Kit) -> None:
        """A reply queue opened late is there as soon as the state is up."""
        client = await up(kit)
        heard: list[Message] = []
        replies = client.replies(heard.append)
        await client.ready(10)
        await put(client, replies.name, b"1")
        await eventually(lambda: heard)

    async def test_one_a_client(self, kit: Kit) -> None:
        """A second reply queue is a mistake of the program."""
        client = await up(kit)
        client.replies(print)
        with pytest.raises(ValueError, match="one reply queue"):
            client.replies(print)
        await client.ready(10)

    async def test_a_fresh_name_after_a_loss(self, kit: Kit) -> None:
        """After a loss the reply queue has a new name and works; the old one is no route."""
        gateway, worker = kit.client(), await up(kit)
        heard: list[Message] = []
        replies = gateway.replies(heard.append)
        gateway.start()
        await gateway.ready(10)
        before = replies.name
        kit.cut(gateway)
        await eventually(lambda: gateway.state is State.DOWN)
        assert replies.name == ""
        await gateway.ready(10)
        assert replies.name not in {"", before}
        await put(worker, replies.name, b"1")
        await eventually(lambda: heard)

        async def gone() -> bool:
            outcomes = Outcomes()
            worker.publish(Message(), routing_key=before, on_outcome=outcomes)
            return await outcomes.wait() == ["no_route"]

        await eventually(gone)

    async def test_nobody_else_may_consume(self, kit: Kit) -> None:
        """A reply queue is exclusive: another client that consumes from it is refused."""
        gateway, other = kit.client(), await up(kit)
        replies = gateway.replies(print)
        gateway.start()
        await gateway.ready(10)
        with pytest.raises(Fault, match="conflict"):
            await other.consume(replies.name, Inbox(), prefetch=1)


class StatesContract:
    """Up, blocked and down."""

    async def test_down_before_and_after(self, kit: Kit) -> None:
        """Before ``start`` and after ``close`` everything is refused at once as ``broker_down``."""
        client, outcomes = kit.client(), Outcomes()
        for moment in ("before", "after"):
            assert client.state is State.DOWN, moment
            with pytest.raises(Fault, match="broker_down") as refusal:
                client.publish(Message(), routing_key="q", on_outcome=outcomes)
            assert refusal.value.not_run
            with pytest.raises(Fault, match="broker_down"):
                await client.declare(Queue(name="q"))
            with pytest.raises(Fault, match="broker_down"):
                await client.consume("q", Inbox(), prefetch=1)
            with pytest.raises(Fault, match="broker_down"):
                await client.stats("q")
            with pytest.raises(Fault, match="broker_down"):
                await client.ready(0.01)
            if moment == "before":
                client.start()
                await client.ready(10)
                await client.close()
                await client.close()
        assert outcomes.heard == []

    async def test_listeners_hear_each_change(self, kit: Kit) -> None:
        """Listeners hear up, down with a reason, up again; and down at the end."""
        client, states = kit.client(), States()
        client.watch(states)
        client.start()
        await client.ready(10)
        kit.cut(client)
        await eventually(lambda: client.state is State.DOWN)
        await client.ready(10)
        await client.close()
        assert states.states == [State.UP, State.DOWN, State.UP, State.DOWN]
        assert all(reason for _, reason in states.heard)

    async def test_recovery_restores_everything(self, kit: Kit) -> None:
        """After a loss queues and consumers are there again before the state is up."""
        client, inbox = await up(kit), Inbox(ack=True)
        await consuming(client, "q", inbox)
        for number in range(3):
            kit.cut(client)
            await eventually(lambda: client.state is State.DOWN)
            await client.ready(10)
            assert await client.stats("q") == QueueStats(messages=0, consumers=1)
            await put(client, "q", str(number).encode())
            await inbox.wait(number + 1)
        assert inbox.bodies == [b"0", b"1", b"2"]

    async def test_outstanding_outcomes_fail_at_once(self, kit: Kit) -> None:
        """When the connection is lost, who waits for an outcome hears that it may have run."""
        client, outcomes = await up(kit), Outcomes()
        await client.declare(Queue(name="q"))
        for _ in range(10):
            client.publish(Message(), routing_key="q", on_outcome=outcomes)
        kit.cut(client)
        await outcomes.wait(10)
        assert client.state is State.DOWN
        assert outcomes.codes == ["broker_down"] * 10
        assert not any(fault.not_run for fault in outcomes.heard if fault)
        await client.ready(10)
        await settled()
        assert len(outcomes.heard) == 10

    async def test_closing_fails_outstanding_outcomes(self, kit: Kit) -> None:
        """Closing lets nobody wait either: each outcome is told, exactly once."""
        client, outcomes = await up(kit), Outcomes()
        await client.declare(Queue(name="q"))
        for _ in range(10):
            client.publish(Message(), routing_key="q", on_outcome=outcomes)
        await client.close()
        assert outcomes.codes == ["broker_down"] * 10

    async def test_an_outcome_listener_finds_the_state_down(self, kit: Kit) -> None:
        """Who publishes again from an outcome of a lost connection is refused at once."""
        client, refusals = await up(kit), list[str]()
        await client.declare(Queue(name="q"))

        def again(_: Fault | None) -> None:
            try:
                client.publish(Message(), routing_key="q")
            except Fault as fault:
                refusals.append(fault.code)

        client.publish(Message(), routing_key="q", on_outcome=again)
        kit.cut(client)
        await eventually(lambda: refusals)
        assert refusals == ["broker_down"]

    async def test_blocked(self, kit: Kit) -> None:
        """A broker short of memory makes publishing fail at once; deliveries go on."""
        client, states, inbox = await up(kit), States(), Inbox()
        await client.declare(Queue(name="q"))
        await put(client, "q", b"before")
        client.watch(states)
        await kit.block()
        try:
            if client.state is State.UP:
                # RabbitMQ tells a connection when it publishes; that message is held back.
                client.publish(Message(body=b"held"), routing_key="q")
            await eventually(lambda: client.state is State.BLOCKED)
            with pytest.raises(Fault, match="broker_blocked") as refusal:
                client.publish(Message(), routing_key="q")
            assert refusal.value.not_run
            await client.consume("q", inbox, prefetch=10)
            (await inbox.wait())[0].ack()
        finally:
            await kit.unblock()
        await eventually(lambda: client.state is State.UP)
        assert states.states == [State.BLOCKED, State.UP]
        await put(client, "q", b"after")
        await eventually(lambda: inbox.bodies[-1] == b"after")

    async def test_a_restart_keeps_what_is_persistent(self, kit: Kit) -> None:
        """A broker that restarts has its durable queues and persistent messages, no others."""
        client, states = await up(kit), States()
        heard: list[Message] = []
        client.watch(states)
        replies = client.replies(heard.append)
        await client.ready(10)
        await client.declare(Queue(name="q"))
        await put(client, "q", Message(body=b"kept", persistent=True), Message(body=b"lost"))
        await kit.restart()
        await eventually(lambda: client.state is State.UP and states.states[-2:-1] == [State.DOWN])
        inbox = Inbox(ack=True)
        await client.consume("q", inbox, prefetch=10)
        await put(client, "q", b"new")
        await put(client, replies.name, b"reply")
        await inbox.wait(2)
        await eventually(lambda: heard)
        assert inbox.bodies == [b"kept", b"new"]


class BrokerContract(
    MessagesContract,
    DeliveryContract,
    ExpiryContract,
    PublishContract,
    QueuesContract,
    RepliesContract,
    StatesContract,
):
    """All of it."""
