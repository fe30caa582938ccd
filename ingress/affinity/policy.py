"""Send all calls of one key the same way, so that one consumer does them in their order.

With ``lanes`` the way is one of several queues, each with one consumer at a time. With an exchange
it is a routing key that is the same for the same key, for an ``x-consistent-hash`` exchange.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from contracts.call import Reply
from contracts.fault import Fault
from ingress.affinity.hashing import digest, lane_of
from ingress.plan import Plan
from ingress.policies.port import Request, Slot
from ingress.routing.keys import first_of

_NAME: Final = "affinity"


class Affinity:
    """``ways`` are the Plans of the lanes, by the route; or one, whose routing key is the key's."""

    name = _NAME
    # The last before HOLD: what is rewritten cannot change the key any more.
    slot = Slot.REWRITE

    def __init__(self, by: Sequence[str], ways: Mapping[str, Sequence[Plan]]) -> None:
        self._by = tuple(by)
        self._key = first_of(by)
        self._ways = ways

    def admit(self, flow: Request) -> Reply | None:
        """Divert the call to the lane of its key; 400 for a call without one."""
        key = self._key(flow.call)
        if not key:
            wanted = " or ".join(self._by)
            raise Fault("invalid_request", f"calls go by their {wanted} here, and there is none")
        ways = self._ways[flow.call.route]
        if ways[0].target.exchange:
            target = replace(ways[0].target, routing_key=f"{digest(key):016x}")
            flow.divert(replace(ways[0], target=target))
        else:
            flow.divert(ways[lane_of(key, len(ways))])
        return None

    def settings(self) -> Mapping[str, Any]:
        """Give what calls go by, and between how many queues."""
        first, *_ = self._ways.values()
        exchange = first[0].target.exchange
        where = {"exchange": exchange} if exchange else {"lanes": len(first)}
        return {"by": list(self._by), **where}

    def __repr__(self) -> str:
        return f"<Affinity {', '.join(self._by)}>"


def ways_of(plan: Plan, lanes: int | None) -> tuple[Plan, ...]:
    """Give a plan for each lane; the plan itself where an exchange divides."""
    if lanes is None:
        return (plan,)
    target = plan.target
    return tuple(
        replace(plan, target=replace(target, routing_key=f"{target.routing_key}.{number}"))
        for number in range(lanes)
    )
