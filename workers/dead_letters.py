"""Moves messages to the dead letters, and back to the end of their queue, without losing any.

The copy is confirmed by the broker before the original is acked. A reply goes over the delivery's
own channel, unconfirmed, since a lost reply costs its caller a timeout; a lost dead letter would
cost somebody's work, and nobody would know. It is rare enough to wait for.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from contracts import dead_letter, logs
from contracts.brokers.confirmed import publish_confirmed
from contracts.brokers.port import Broker, Delivery, Message, OnOutcome, State
from contracts.dead_letter import Death, dead_queue
from contracts.deadline import now_ms
from contracts.fault import Fault
from workers.service import Service
from workers.stats import Stats

# Seconds between two attempts when the broker takes no copy: a full queue, a short memory.
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 30.0
# Seconds for a broker that brings deliveries already to be up.
COMING_UP: Final = 5.0


class DeadLetters:
    """Keeps for one service what it could not deal with."""

    def __init__(self, service: Service, broker: Broker, stats: Stats) -> None:
        self._service = service
        self._broker = broker
        self._stats = stats
        self._moving: dict[Delivery, asyncio.Task[None]] = {}

    def __repr__(self) -> str:
        return f"<DeadLetters {dead_queue(self._service.queue)} moving={len(self._moving)}>"

    def keep(self, delivery: Delivery, reason: str, detail: str = "") -> None:
        """Put a message to the dead letters, and ack it when it is there."""
        if delivery in self._moving:
            return
        self._stats.dead += 1
        death = Death(reason=reason, detail=detail, queue=delivery.queue, at=now_ms())
        copy = dead_letter.buried(delivery.message, death)
        self._keep_task(delivery, self._carry(delivery, copy))

    def count(self, delivery: Delivery, attempts: int, then: OnOutcome) -> None:
        """Put a redelivered message to the end of its queue, with the number of workers it cost.

        A classic queue does not count, so the message has to carry the number itself. ``then``
        hears what became of it; with a fault it is as it was, and the caller's to deal with.
        """
        copy = dead_letter.counted(delivery.message, attempts)
        self._keep_task(delivery, self._count(delivery, copy, then))

    def put_back(self, delivery: Delivery) -> None:
        """Put a message that nobody waits for to the end of its queue, as if it had not been here.

        Rejected it would come back marked, and each worker that leaves in good order would count
        as one that was lost with it.
        """
        self._keep_task(delivery, self._put_back(delivery))

    def settle(self, delivery: Delivery) -> None:
        """Ack a delivery, unless that has to wait for its dead letter."""
        if delivery not in self._moving:
            delivery.ack()

    async def finish(self, within: float) -> None:
        """Wait for what is being moved; what is not done then goes back to its queue."""
        tasks = list(self._moving.values())
        if tasks:
            await asyncio.wait(tasks, timeout=within)
        for task in tasks:
            task.cancel()

    def _keep_task(self, delivery: Delivery, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._moving[delivery] = task
        task.add_done_callback(lambda _: self._moving.pop(delivery, None))

    async def _count(self, delivery: Delivery, copy: Message, then: OnOutcome) -> None:
        fault = await self._try(copy, delivery.queue)
        if fault is None:
            delivery.ack()
        elif fault.code == "broker_down":
            # Nothing, if it went with its connection.
            delivery.reject(requeue=True)
        self._moving.pop(delivery, None)
        then(fault)

    async def _put_back(self, delivery: Delivery) -> None:
        if await self._try(delivery.message, delivery.queue) is None:
            delivery.ack()
        else:
            delivery.reject(requeue=True)

    async def _carry(self, delivery: Delivery, copy: Message) -> None:
        pause, queue = FIRST_PAUSE, dead_queue(self._service.queue)
        while (fault := await self._try(copy, queue)) is not None:
            if fault.code == "broker_down":
                # It went with its connection, then this is nothing; or it goes to somebody else.
                delivery.reject(requeue=True)
                return
            logs.bind(request_id=copy.message_id, queue=queue).error(
                "a dead letter cannot be put there, and waits: {}", fault
            )
            if fault.code == "invalid_request":
                # AMQP carried it here and cannot carry it back. A policy of the queue's may.
                delivery.reject(requeue=False)
                return
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
            await self._mend(fault, queue)
        delivery.ack()

    async def _try(self, copy: Message, queue: str) -> Fault | None:
        try:
            if self._broker.state is State.DOWN:
                # A new connection brings deliveries a moment before the broker is said to be up.
                await self._broker.ready(COMING_UP)
            await publish_confirmed(self._broker, copy, routing_key=queue)
        except Fault as fault:
            return fault
        return None

    async def _mend(self, fault: Fault, queue: str) -> None:
        """Make the dead-letter queue anew when somebody has deleted it."""
        if fault.code == "no_route":
            try:
                await self._broker.declare(self._service.dead_letters)
            except Fault as refusal:
                logs.bind(queue=queue).error("the queue cannot be declared: {}", refusal)
