"""Sends copies of calls, and forgets them.

A copy goes out on a turn of the event loop of its own, when its call has been answered, so it can
neither slow nor fail it. What the broker has not confirmed is bounded; beyond, copies are dropped
and counted. A copy expires with the route's timeout, so a mirror that nobody reads stays small.
"""

from asyncio import get_running_loop
from collections import Counter
from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Final

from msgspec.structs import replace

from contracts.brokers.port import Broker
from contracts.call import Call
from contracts.deadline import after
from contracts.fault import Fault
from ingress.plan import Target

MARK: Final = "x-mirror"
"""The header of a message that tells a worker that it has a copy."""

NOBODY: Final = "queuegate.nobody"
"""The queue to answer to, which is not there. An empty one would say that the call was accepted:
what fails would be kept as a dead letter."""

# Hears of each copy: the route, and sent, dropped, or the code of the fault.
Count = Callable[[str, str], None]


class Mirrors:
    """``copy = Mirrors(broker, count).to(target, timeout, at_most)``, then ``copy(call)``."""

    def __init__(self, broker: Broker, count: Count) -> None:
        self._broker = broker
        self._count = count
        self._pending: Counter[str] = Counter()

    def to(self, target: Target, timeout: float, at_most: int) -> Callable[[Call], None]:
        """Give what sends copies to one place; they are worth anything for ``timeout`` seconds."""
        return partial(self._send, target, timeout, at_most)

    def _send(self, target: Target, timeout: float, at_most: int, call: Call) -> None:
        route = call.route
        if self._pending[route] >= at_most:
            self._count(route, "dropped")
            return
        self._pending[route] += 1
        get_running_loop().call_soon(self._publish, route, target, call, timeout)

    def _publish(self, route: str, target: Target, call: Call, timeout: float) -> None:
        copy = replace(call, operation=target.operation, attempt=1, deadline=after(timeout))
        try:
            message = target.dialect.request(
                copy,
                correlation_id=call.id,
                reply_to=NOBODY,
                expiration_ms=max(1, ceil(timeout * 1000)),
            )
            self._broker.publish(
                replace(message, headers={**message.headers, MARK: route}),
                routing_key=target.routing_key,
                exchange=target.exchange,
                on_outcome=partial(self._done, route),
            )
        except Fault as fault:
            self._done(route, fault)

    def _done(self, route: str, fault: Fault | None) -> None:
        self._pending[route] -= 1
        self._count(route, fault.code if fault else "sent")

    def __repr__(self) -> str:
        return f"<Mirrors {self._pending.total()} unconfirmed>"
