"""Calls sent straight to a queue, past the gateway: its policies, its journal and its breaker."""

import time
from typing import Final

import msgspec

from contracts.brokers.port import Broker
from contracts.call import Reply
from contracts.deadline import after
from contracts.fault import Fault
from ingress import request_id
from ingress.compare.answer import Answer
from ingress.plan import Target
from ingress.replay.item import Item
from ingress.replay.sinks.port import Sent
from ingress.router import Router
from ingress.routing.asked import Sketch
from ingress.rpc import Rpc

_US: Final = 1_000_000


class Detour(msgspec.Struct, frozen=True):
    """Another place than that of the route file: a queue, or an exchange with a routing key.

    Without a routing key an exchange gets the operation's name, as a route's exchange does.
    """

    queue: str = ""
    exchange: str = ""
    routing_key: str = ""

    def __bool__(self) -> bool:
        return bool(self.queue or self.exchange)

    def __str__(self) -> str:
        if self.exchange:
            return f"exchange {self.exchange} {self.routing_key}".strip()
        return f"queue {self.queue}"

    def of(self, target: Target) -> Target:
        """Give the target with this place."""
        if self.queue:
            return msgspec.structs.replace(target, exchange="", routing_key=self.queue)
        key = self.routing_key or target.operation
        return msgspec.structs.replace(target, exchange=self.exchange, routing_key=key)


class QueueSink:
    """Sends to the queues of the route file's services, in their dialects.

    Make it before ``broker.start()``. ``name`` is what the broker is called in reports.
    ``timeout`` in seconds is that of the route when it is left out.
    """

    def __init__(
        self,
        broker: Broker,
        router: Router,
        *,
        name: str,
        detour: Detour | None = None,
        timeout: float | None = None,
    ) -> None:
        self._broker = broker
        self._router = router
        self._rpc = Rpc(broker)
        self._detour = detour or Detour()
        self._timeout = timeout
        self._make_id = request_id.maker()
        self.name = f"{name} {self._detour}" if self._detour else f"{name} queues"

    def __repr__(self) -> str:
        return f"<QueueSink {self.name}>"

    async def send(self, item: Item, run: str) -> Sent:
        """Send one call and wait for the worker's reply."""
        try:
            plan, params = self._router.match(
                item.method, item.path, Sketch(item.headers, item.query)
            )
        except Fault as fault:
            return Sent(Answer(error=f"no route takes it: {fault.code}"), left=False)
        timeout = self._timeout or plan.timeout
        call = msgspec.structs.replace(
            item.call(run, self._make_id(), deadline=after(timeout)),
            operation=plan.target.operation,
            route=plan.name,
            params=params,
        )
        target = self._detour.of(plan.target) if self._detour else plan.target
        began = time.perf_counter()
        try:
            reply = await self._rpc.send(target, call, timeout)
        except Fault as fault:
            # The dialect cannot put it into a message.
            return Sent(Answer(error=str(fault)), call.id, left=False)
        return _sent(reply, call.id, time.perf_counter() - began)

    async def close(self) -> None:
        """Leave the broker."""
        await self._broker.close()


def _sent(reply: Reply, id_: str, seconds: float) -> Sent:
    fault = reply.fault
    if fault is None:
        answer = Answer(
            status=reply.status, headers=reply.headers, body=reply.body, seconds=seconds
        )
        return Sent(answer, id_)
    status = fault.status
    # What the gateway would have told its client.
    answer = Answer(
        status=status,
        headers=(("content-type", "application/problem+json"),),
        body=msgspec.json.encode(fault.problem(id_)),
        code=fault.code,
        seconds=seconds,
    )
    return Sent(answer, id_, left=not fault.not_run)
