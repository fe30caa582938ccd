"""A policy of the slot HOLD for a route with variants: each queue has one of its own.

What watches or limits a queue has to know to which of them the call goes.
"""

from collections.abc import Awaitable, Mapping
from typing import Any

from contracts.call import Reply
from ingress.policies.port import Holder, Request, Slot


class Divided:
    """Asks the policy of the plan that the call goes by; ``by_route`` has one for each."""

    slot = Slot.HOLD

    def __init__(self, name: str, by_route: Mapping[str, Holder]) -> None:
        self.name = name
        self._by_route = by_route

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        """Let the right one decide."""
        return self._by_route[flow.call.route].admit(flow)

    def settle(self, flow: Request) -> None:
        """Tell the same one what became of the call."""
        self._by_route[flow.call.route].settle(flow)

    def held(self) -> Mapping[str, float]:
        """Give what all of them hold together."""
        total: dict[str, float] = {}
        for policy in self._by_route.values():
            for what, count in policy.held().items():
                total[what] = total.get(what, 0) + count
        return total

    def settings(self) -> Mapping[str, Any]:
        """Give the settings of each, which are the route's but for the queue."""
        first, *_ = self._by_route.values()
        return {**first.settings(), "variants": list(self._by_route)}

    def __repr__(self) -> str:
        return f"<Divided {self.name} {', '.join(self._by_route)}>"
