"""The contract suite on queues: who gets what, and how they are declared and deleted."""

import asyncio
from typing import Any

import pytest

from contracts.brokers.port import Delivery, Message, Queue, QueueStats, State
from contracts.fault import Fault
from tests.contracts.brokers.kit import (
    Inbox,
    Kit,
    Outcomes,
    consuming,
    put,
    ready_messages,
    up,
)
from tests.harness.waiting import eventually


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

    async def test_soon_is_after_what_came_before(self, kit: Kit) -> None:
        """``soon`` calls back outside any task and once, not inside the delivery that asked."""
        client, told = await up(kit), list[object]()

        def deliver(delivery: Delivery) -> None:
            client.soon(lambda: told.append(asyncio.current_task()))
            told.append(delivery.message.body)
            delivery.ack()

        await consuming(client, "q", deliver)
        client.soon(lambda: told.append("idle"))
        await eventually(lambda: told == ["idle"])
        await put(client, "q", b"1")
        await eventually(lambda: len(told) == 3)
        assert told == ["idle", b"1", None]

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
