"""Sends the gateway's own questions to operations: where their services are, in their dialects."""

from collections.abc import Mapping

from contracts import dialects
from contracts.call import Call, Reply
from ingress.dispatch import Sender
from ingress.plan import Target
from ingress.routesections import ServiceSection

_NOTHING = ServiceSection()


class Asker:
    """``reply = await asker(call, 2.0)``; a fault is a reply. ``services`` may change."""

    def __init__(self, rpc: Sender) -> None:
        self._rpc = rpc
        self.services: Mapping[str, ServiceSection] = {}

    async def __call__(self, call: Call, within: float) -> Reply:
        service = self.services.get(call.service, _NOTHING)
        target = Target(
            operation=call.operation,
            dialect=dialects.dialect(service.dialect),
            routing_key=call.operation if service.exchange else service.queue or call.service,
            exchange=service.exchange or "",
        )
        return await self._rpc.send(target, call, within)
