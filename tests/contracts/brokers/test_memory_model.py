"""The embedded broker against a model: whatever happens, no message is lost or doubled."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Delivery, Message, Queue, State

CONSUMERS = st.integers(0, 2)


class BrokerMachine(RuleBasedStateMachine):
    """One queue with a dead-letter queue, one publisher, three consumers that come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.hub = MemoryHub()
        self.open: list[list[Delivery]] = [[], [], []]
        self.published = 0
        self.acked: list[bytes] = []

    @initialize()
    def begin(self) -> None:
        async def start() -> None:
            self.publisher = MemoryBroker(self.hub)
            self.clients = [MemoryBroker(self.hub) for _ in self.open]
            for client in (self.publisher, *self.clients):
                client.start()
                await client.ready(1)
            await self.publisher.declare(Queue(name="dead"))
            await self.publisher.declare(Queue(name="q", dead_letter="dead"))
            for client, inbox in zip(self.clients, self.open, strict=True):
                await client.consume("q", inbox.append, prefetch=2)

        self.loop.run_until_complete(start())

    @rule(count=st.integers(1, 5))
    def publish(self, count: int) -> None:
        async def publish() -> None:
            for _ in range(count):
                message = Message(body=b"%d" % self.published, persistent=True)
                self.publisher.publish(message, routing_key="q")
                self.published += 1

        self._run(publish())

    @rule(who=CONSUMERS, reject=st.booleans(), requeue=st.booleans())
    def settle(self, who: int, *, reject: bool, requeue: bool) -> None:
        async def settle() -> None:
            if self.open[who]:
                delivery = self.open[who].pop()
                if reject:
                    delivery.reject(requeue=requeue)
                else:
                    delivery.ack()
                    self.acked.append(delivery.message.body)

        self._run(settle())

    @rule(who=CONSUMERS)
    def die(self, who: int) -> None:
        async def die() -> None:
            # From here on what it holds is somebody else's.
            self.open[who].clear()
            self.hub.drop(self.clients[who], for_good=True)
            self.clients[who] = heir = MemoryBroker(self.hub)
            heir.start()
            await heir.ready(1)
            await heir.consume("q", self.open[who].append, prefetch=2)

        self._run(die())

    @precondition(lambda self: self.published)
    @rule()
    def restart(self) -> None:
        async def restart() -> None:
            for inbox in self.open:
                inbox.clear()
            self.hub.stop()
            self.hub.start()

        self._run(restart())

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if not hasattr(self, "clients"):
            return
        queue, dead = self.hub.queue("q"), self.hub.queue("dead")
        assert queue is not None
        assert dead is not None
        everywhere = [entry.message.body for entry in (*queue.ready, *dead.ready)]
        everywhere += [one.message.body for inbox in self.open for one in inbox]
        everywhere += self.acked
        assert sorted(everywhere) == sorted(b"%d" % number for number in range(self.published))

    @invariant()
    def the_queue_is_in_order(self) -> None:
        queue = self.hub.queue("q")
        if queue is not None:
            positions = [entry.position for entry in queue.ready]
            assert positions == sorted(positions)

    @invariant()
    def nobody_is_idle_while_work_waits(self) -> None:
        queue = self.hub.queue("q")
        if queue is not None and queue.ready and self.hub.running:
            assert all(len(inbox) == 2 for inbox in self.open)
            assert all(client.state is State.UP for client in self.clients)

    def teardown(self) -> None:
        async def close() -> None:
            for client in (self.publisher, *self.clients):
                await client.close()

        if hasattr(self, "clients"):
            self.loop.run_until_complete(close())
        self.loop.close()

    def _run(self, step: Coroutine[Any, Any, None]) -> None:
        async def step_and_settle() -> None:
            await step
            for _ in range(8):
                await asyncio.sleep(0)

        self.loop.run_until_complete(step_and_settle())


def test_whatever_happens_no_message_is_lost_or_doubled() -> None:
    """Publishing, settling, deaths and restarts in any order lose and double nothing."""
    BrokerMachine.TestCase.settings = settings(
        max_examples=30, stateful_step_count=25, deadline=None
    )
    BrokerMachine.TestCase("runTest").debug()
