"""A worker that does what none should: replies twice, late, with garbage, to the wrong call."""

import asyncio
from types import TracebackType
from typing import Any, Self

import aio_pika
import aio_pika.abc

QUEUE = "rogue"
# What is answered to a call with this body, and how it differs from a good answer.
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "silent": [],
    "twice": [{}, {}],
    "wrong id": [{"correlation_id": "nobody-1"}],
    "no id": [{"correlation_id": None}],
    "bad status": [{"headers": {"x-status": 99}}],
    "bad header": [{"headers": {"x-header-location": "a\r\nset-cookie: b"}}],
    "bad table": [{"headers": {"x-status": {"deep": ["er"] * 50}}}],
    "not ours": [{"headers": {"x-error-code": "broker_down"}}],
    "too large": [{"body": bytes(17 * 1024 * 1024)}],
}


class Rogue:
    """Consumes from the queue ``rogue`` and does as the body of each call says.

    It knows nothing of queuegate but that an answer goes to ``reply_to`` with the
    ``correlation_id``. ``done`` counts what it dealt with.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: aio_pika.abc.AbstractConnection | None = None
        self._exchange: aio_pika.abc.AbstractExchange | None = None
        self.done: list[str] = []

    async def __aenter__(self) -> Self:
        self._connection = await aio_pika.connect(self._url)
        channel = await self._connection.channel()
        self._exchange = channel.default_exchange
        queue = await channel.declare_queue(QUEUE, durable=True)
        await queue.consume(self._work, no_ack=True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._connection is not None
        await self._connection.close()

    async def _work(self, asked: aio_pika.abc.AbstractIncomingMessage) -> None:
        act = asked.body.decode()
        if act == "late":
            await asyncio.sleep(1.2)  # the route's timeout is 1 s
        for changes in ANSWERS.get(act, [{}]):
            await self._reply(asked, **changes)
        self.done.append(act)

    async def _reply(
        self, asked: aio_pika.abc.AbstractIncomingMessage, body: bytes = b"well", **changes: Any
    ) -> None:
        assert self._exchange is not None
        assert asked.reply_to
        message = aio_pika.Message(body, **{"correlation_id": asked.correlation_id, **changes})
        await self._exchange.publish(message, asked.reply_to, mandatory=False)
