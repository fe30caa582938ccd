"""A broker, a sender, a dialect and a clock that do as the test says, and plans to go with them."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from contracts.brokers.port import (
    TOPIC,
    Message,
    OnDelivery,
    OnMessage,
    OnOutcome,
    OnRefused,
    OnState,
    Pull,
    Queue,
    QueueStats,
    State,
    Subscription,
)
from contracts.call import Call, Reply
from contracts.deadline import after
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.plan import Plan, Retry, Target


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class PlainDialect:
    """Bodies as they are; the type of an answer is a status or a fault's code."""

    name = "plain"

    def request(
        self, call: Call, *, correlation_id: str, reply_to: str, expiration_ms: int
    ) -> Message:
        return Message(
            body=call.body,
            correlation_id=correlation_id,
            reply_to=reply_to,
            expiration_ms=expiration_ms,
            headers={"x-deadline": call.deadline, "x-attempt": call.attempt},
        )

    def reply(self, message: Message) -> Reply:
        if not message.type or message.type.isdigit():
            return Reply(status=int(message.type or 200), body=message.body, worker_us=1000)
        return Reply.of_fault(Fault(message.type), worker_us=1000)


class Published(msgspec.Struct, frozen=True):
    """One message that was handed to the scripted broker."""

    message: Message
    routing_key: str
    exchange: str
    on_outcome: OnOutcome


class ReplyName:
    def __init__(self, name: str) -> None:
        self.name = name


class ScriptedBroker:
    """Takes what is published; answers when and how the test says.

    ``script(published)`` is called within ``publish``: a worker that answers at once.
    """

    def __init__(self, script: Callable[[Published], None] | None = None) -> None:
        self.state = State.UP
        self.published: list[Published] = []
        self.cancels: list[tuple[str, Message]] = []
        self.reply_queue = ReplyName("replies.1")
        self.refusal: Fault | None = None
        self.script = script
        # Of each call that was sent without a confirm, with how many it might travel.
        self.lots: list[int] = []
        self.on_refused: OnRefused | None = None
        self._listeners: list[OnState] = []
        self._on_message: OnMessage | None = None

    @property
    def asked(self) -> int:
        """How many calls were sent without a confirm."""
        return len(self.lots)

    def watch(self, listener: OnState) -> None:
        self._listeners.append(listener)

    def replies(self, on_message: OnMessage, on_refused: OnRefused | None = None) -> ReplyName:
        self._on_message = on_message
        self.on_refused = on_refused
        return self.reply_queue

    def ask(self, message: Message, routing_key: str, *, lot: int = 1) -> None:
        self.lots.append(lot)
        assert self.on_refused
        refused = partial(self.on_refused, message.correlation_id)

        def hear(fault: Fault | None) -> None:
            if fault:
                refused(fault)

        self.publish(message, routing_key=routing_key, on_outcome=hear)

    def publish(
        self,
        message: Message,
        *,
        routing_key: str,
        exchange: str = "",
        on_outcome: OnOutcome | None = None,
    ) -> None:
        if self.refusal:
            raise self.refusal
        if exchange == TOPIC:
            self.cancels.append((routing_key, message))
            return
        assert on_outcome
        self.published.append(Published(message, routing_key, exchange, on_outcome))
        if self.script:
            self.script(self.published[-1])

    def answer(self, published: Published, kind: str = "", body: bytes = b"") -> None:
        """Deliver an answer: a status, a fault's code, or 200."""
        self.deliver(published.message.correlation_id, kind, body)

    def deliver(self, correlation_id: str, kind: str = "", body: bytes = b"") -> None:
        self.hand_over(Message(correlation_id=correlation_id, type=kind, body=body))

    def hand_over(self, message: Message) -> None:
        """Put a message into the reply queue."""
        assert self._on_message
        self._on_message(message)

    def go(self, state: State, reply_queue: str = "") -> None:
        """Change the state, as a broker does that is lost or comes back."""
        self.state, self.reply_queue.name = state, reply_queue
        for listener in self._listeners:
            listener(state, "as the test says")

    def start(self) -> None: ...

    async def ready(self, within: float) -> None: ...

    async def declare(self, queue: Queue) -> None: ...

    async def consume(self, queue: str, on_delivery: OnDelivery, *, prefetch: int) -> Subscription:
        raise NotImplementedError

    def soon(self, callback: Callable[[], None]) -> None:
        raise NotImplementedError

    async def pull(self, queue: str) -> Pull:
        raise NotImplementedError

    async def listen(self, key: str, on_message: OnMessage) -> None: ...

    async def stats(self, queue: str) -> QueueStats | None: ...

    async def delete(self, queue: str) -> None: ...

    async def close(self) -> None: ...


def answering_broker() -> ScriptedBroker:
    """Make a broker behind which a worker answers everything at once, with 200."""
    broker = ScriptedBroker()
    broker.script = broker.answer
    return broker


class ScriptedSender:
    """Gives each attempt the next of the outcomes, and the last one for ever after.

    An outcome is a Reply, the code of a fault, a fault, or ``None`` for an answer that never comes.
    """

    def __init__(self, *outcomes: Reply | Fault | str | None) -> None:
        self.outcomes = list(outcomes)
        self.calls: list[Call] = []
        self.timeouts: list[float] = []

    async def send(self, target: Target, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109
        self.calls.append(call)
        self.timeouts.append(timeout)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if outcome is None:
            await asyncio.sleep(timeout)
            outcome = "deadline"
        if isinstance(outcome, str):
            outcome = Fault(outcome)
        return Reply.of_fault(outcome) if isinstance(outcome, Fault) else outcome


OK = Reply(body=b"well", worker_us=1000)

# Waits too short to slow a test down.
QUICK = Retry(attempts=3, base=0.0001, cap=0.001)

TARGET = Target(operation="orders.get", dialect=PlainDialect(), routing_key="orders")


def plan(**settings: Any) -> Plan:
    """Make a plan of one route."""
    return Plan(
        **{"name": "GET /x", "method": "GET", "pattern": "/x", "target": TARGET, **settings}
    )


def flow(
    of: Plan | None = None, *, clock: Callable[[], float] = time.perf_counter, **call: Any
) -> Flow:
    """Make a Flow that has just come in."""
    of = of or plan()
    fields = {"id": "r-1", "operation": "orders.get", "deadline": after(of.timeout), **call}
    return Flow(Call(**fields), of, clock())
