"""The contract suite on connections: reply queues, states, losses and recoveries."""

import pytest

from contracts.brokers.port import Message, Queue, QueueStats, State
from contracts.fault import Fault
from tests.contracts.brokers.kit import (
    Inbox,
    Kit,
    Outcomes,
    States,
    consuming,
    put,
    settled,
    up,
)
from tests.harness.waiting import eventually


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

    async def test_what_is_asked_is_answered(self, kit: Kit) -> None:
        """A question comes to its queue in order, and its answer back; nothing else is heard."""
        gateway, worker = kit.client(), await up(kit)
        heard: list[Message] = []
        refused: list[tuple[str, Fault]] = []
        replies = gateway.replies(heard.append, lambda *what: refused.append(what))
        gateway.start()
        await gateway.ready(10)
        inbox = Inbox()
        await consuming(worker, "asked", inbox)
        for number in range(3):
            question = Message(correlation_id=str(number), reply_to=replies.name)
            gateway.ask(question, "asked")
        await eventually(lambda: len(inbox.deliveries) == 3)
        for delivery in inbox.deliveries:
            delivery.publish(delivery.message, delivery.message.reply_to)
            delivery.ack()
        await eventually(lambda: len(heard) == 3)
        assert [message.correlation_id for message in heard] == ["0", "1", "2"]
        assert refused == []

    async def test_what_nobody_takes_is_told_by_its_id(self, kit: Kit) -> None:
        """One to no queue comes back and the next go on; a full queue says nothing."""
        gateway, worker = kit.client(), await up(kit)
        refused: list[tuple[str, str]] = []
        gateway.replies(print, lambda number, fault: refused.append((number, fault.code)))
        gateway.start()
        await gateway.ready(10)
        await worker.declare(Queue(name="full", max_length=1))
        for number in range(3):
            gateway.ask(Message(correlation_id=f"f{number}"), "full")
        gateway.ask(Message(correlation_id="1", body=bytes(200_000)), "nowhere")
        gateway.ask(Message(correlation_id="2"), "nowhere")
        await eventually(lambda: len(refused) == 2)
        assert refused == [("1", "no_route"), ("2", "no_route")]
        assert await worker.stats("full") == QueueStats(1, 0)

    async def test_nobody_is_asked_while_down(self, kit: Kit) -> None:
        """A client that is not up says so at once."""
        client = kit.client()
        client.replies(print)
        with pytest.raises(Fault, match="broker_down"):
            client.ask(Message(), "asked")

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
