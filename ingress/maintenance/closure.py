"""A closure: what is closed, and what clients are told."""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec.structs import replace

from ingress.plan import Plan
from ingress.policies.maintenance import Closed

ALL: Final = "all"

# A browser has to be allowed to read the refusal.
_BEFORE: Final = frozenset({"security_headers", "cors"})


class Closure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is closed: ``scope`` is ``all``, ``group NAME`` or a route's name; times in seconds."""

    scope: str
    retry_after: float = 60.0
    detail: str = ""
    since: int = 0


def covers(closure: Closure, plan: Plan) -> bool:
    """Say whether a plan's calls are refused."""
    scope = closure.scope
    return scope in {ALL, plan.name, f"group {plan.group}" if plan.group else ALL}


def close(plans: Iterable[Plan], closures: Iterable[Closure]) -> tuple[Plan, ...]:
    """Give the plans with those closed that a closure covers, by the most special one."""
    ordered = sorted(closures, key=lambda one: (one.scope == ALL, one.scope.startswith("group ")))
    return tuple(_closed(plan, ordered) for plan in plans)


def _closed(plan: Plan, closures: list[Closure]) -> Plan:
    found = next((one for one in closures if covers(one, plan)), None)
    if found is None:
        return plan
    first = tuple(policy for policy in plan.policies if policy.name in _BEFORE)
    settlers = tuple(one for one in plan.settlers if one.name in _BEFORE)
    closed = Closed(found.retry_after, found.detail)
    return replace(plan, policies=(*first, closed), settlers=settlers)
