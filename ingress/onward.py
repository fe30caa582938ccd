"""Runs what stands behind the cache for a call, in a Flow of its own.

The call outlives the client that caused it, and may be made for no client at all, so it cannot be
the client's own Flow that goes on.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

import msgspec

from contracts import deadline
from contracts.call import Call
from contracts.fault import Fault
from ingress.cache.port import Request
from ingress.flow import Flow
from ingress.plan import Plan
from ingress.policies.port import Policy

# By how much of its time, and seconds at most, a call ends before the request that waits for it: it
# is the call that can say why, and not the wait.
_SHARE, _FIRST = 0.05, 0.01
# Plans that are remembered: those of a route file, and of the one before a reload.
_MOST: Final = 20_000


class Onward:
    """Has calls answered by what stands behind the cache; ``run`` is the pipeline's."""

    def __init__(self, run: Callable[[Flow], Awaitable[None]]) -> None:
        self._run = run
        # What stands behind the cache of a Plan, by the Plan's id.
        self._behind: dict[int, tuple[Plan, Plan]] = {}

    async def __call__(
        self, flow: Request, call: Call, behind: Sequence[Any], *, alone: bool
    ) -> Request:
        """Give the finished request for ``call``; see :class:`ingress.cache.port.Onward`."""
        outer = cast("Flow", flow)
        if outer.plan is None:
            raise Fault("internal")
        plan = self._plan_behind(outer.plan, tuple(behind))
        began = (
            time.perf_counter() if alone else outer.received - min(_FIRST, plan.timeout * _SHARE)
        )
        if alone:
            call = msgspec.structs.replace(call, deadline=deadline.after(plan.timeout))
        inner = Flow(call, plan, began, outer.peer)
        inner.identity = outer.identity
        inner.notes = dict(outer.notes)
        await self._run(inner)
        return inner

    def _plan_behind(self, plan: Plan, policies: tuple[Policy, ...]) -> Plan:
        """Give the Plan, the route's own or that of a variant, with these policies alone."""
        known = self._behind.get(id(plan))
        if known is not None and known[0] is plan:
            return known[1]
        settlers = tuple(one for one in reversed(policies) if hasattr(one, "settle"))
        inner = msgspec.structs.replace(plan, policies=policies, settlers=settlers)
        if len(self._behind) >= _MOST:
            self._behind.clear()
        self._behind[id(plan)] = plan, inner
        return inner

    def credit(self, flow: Request, inner: Request) -> None:
        """Write what a call took to the account of the one whose request it was."""
        outer, done = cast("Flow", flow), cast("Flow", inner)
        outer.attempts, outer.waited, outer.worker = done.attempts, done.waited, done.worker
        outer.heard = done.heard
        outer.paused += done.paused
        outer.notes["answered_by"] = done.answered_by
