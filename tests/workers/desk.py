"""A running service on an embedded broker, and a client that asks it and keeps every reply."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import msgspec

from contracts import deadline
from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Message
from contracts.call import Call, Reply
from contracts.dialects import dialect
from tests.harness.waiting import eventually
from workers.callers import UNSIGNED, CallerKeys
from workers.runtime import Runtime
from workers.service import Service

QUIET = 0.05


class Desk:
    """The client's side. ``replies`` maps correlation ids to all messages that came back."""

    def __init__(self, service: Service, broker: Broker, *, hub: MemoryHub | None) -> None:
        self.service = service
        self.broker = broker
        self.hub = hub
        self.replies: dict[str, list[Message]] = {}
        self._dialect = dialect(service.dialect)
        self._numbers = count(1)
        self._queue = broker.replies(self._on_reply)

    def _on_reply(self, message: Message) -> None:
        self.replies.setdefault(message.correlation_id, []).append(message)

    def ask(
        self,
        operation: str,
        *,
        timeout: float | None = 5.0,
        reply: bool = True,
        json: object = None,
        **parts: Any,
    ) -> str:
        """Send a call and give its correlation id."""
        key = str(next(self._numbers))
        if json is not None:
            parts["body"] = msgspec.json.encode(json)
        call = Call(
            id=f"req-{key}",
            operation=operation if "." in operation else f"{self.service.name}.{operation}",
            deadline=0 if timeout is None else deadline.after(timeout),
            **parts,
        )
        message = self._dialect.request(
            call,
            correlation_id=key,
            reply_to=self._queue.name if reply else "",
            expiration_ms=60_000,
        )
        self.send(message)
        return key

    def send(self, message: Message) -> None:
        """Publish a message to the service's queue."""
        self.broker.publish(message, routing_key=self.service.queue)

    @property
    def reply_to(self) -> str:
        """Where its replies are to go."""
        return self._queue.name

    def raw(self, key: str, body: bytes, **properties: Any) -> None:
        """Send bytes that no dialect wrote."""
        properties = {"content_type": "application/msgpack", **properties}
        self.send(Message(body=body, correlation_id=key, reply_to=self._queue.name, **properties))

    async def answer(self, key: str, within: float = 5.0) -> Reply:
        """Wait for the reply to a call."""
        await eventually(lambda: key in self.replies, within, f"the reply to {key}")
        return self._dialect.reply(self.replies[key][0])

    async def call(self, operation: str, **parts: Any) -> Reply:
        """Send a call and wait for its reply."""
        return await self.answer(self.ask(operation, **parts))

    async def dead(self) -> int:
        """Count the dead letters."""
        stats = await self.broker.stats(f"{self.service.queue}.dead")
        return stats.messages if stats else 0

    async def ready(self) -> int:
        """Count what waits in the service's queue."""
        stats = await self.broker.stats(self.service.queue)
        return stats.messages if stats else 0


@asynccontextmanager
async def serving(
    service: Service, url: str = "memory://", *, callers: CallerKeys = UNSIGNED
) -> AsyncIterator[tuple[Desk, Runtime, Broker]]:
    """Run a service; gives the client's desk, the runtime and the worker's broker client."""
    hub = MemoryHub()
    theirs, ours = (open_broker(url, name=name, hub=hub) for name in ("client", "worker"))
    for broker in (theirs, ours):
        broker.start()
        await broker.ready(10)
    desk = Desk(service, theirs, hub=hub)
    runtime = Runtime(service, ours, callers=callers)
    await runtime.start()
    await eventually(lambda: desk._queue.name, what="the reply queue")
    try:
        yield desk, runtime, ours
    finally:
        await runtime.drain(0.2)
        await ours.close()
        await theirs.close()


def crash(desk: Desk, broker: Broker) -> None:
    """Let the worker's connection die without a word."""
    assert isinstance(broker, MemoryBroker)
    assert desk.hub is not None
    desk.hub.drop(broker, for_good=True)


@asynccontextmanager
async def serving_another(
    desk: Desk, service: Service
) -> AsyncIterator[tuple[Runtime, MemoryBroker]]:
    """Run one more worker on the same embedded broker."""
    assert desk.hub is not None
    broker = MemoryBroker(desk.hub, name="another")
    broker.start()
    await broker.ready(5)
    runtime = Runtime(service, broker)
    await runtime.start()
    yield runtime, broker
    await runtime.drain(0.2)
    await broker.close()
