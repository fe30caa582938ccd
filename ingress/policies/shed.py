"""Turn calls away while their queue is longer than it may be, the less urgent first.

Without it a queue that gets more than it bears grows until every call waits to its deadline: much
work, and no answers in time. With it the excess is told so in a millisecond, and what is admitted
is served about as fast as ever. The limit of calls is found out, not written down: ``limit``.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.limit import Limit, Limits, LimitSettings
from ingress.policies.port import Request, Slot

OFF: Final = "off"
# What ended these says how full the queue is, though no worker said how long it worked.
_LOST: Final = frozenset({"deadline", "busy"})


class Shed:
    """Answers 503 ``overloaded`` when the queue has no place for a call of this ``priority``."""

    name = "shed"
    slot = Slot.HOLD

    def __init__(
        self, limit: Limit, priority: int = 0, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._limit = limit
        self._priority = priority
        self._clock = clock
        limit.know(priority)

    def __repr__(self) -> str:
        return f"<Shed {self._limit!r} priority={self._priority}>"

    def admit(self, flow: Request) -> Reply | None:  # noqa: ARG002 - the port
        if not self._limit.enter(self._priority):
            raise Fault("overloaded", "more calls come than can be served")
        return None

    def settle(self, flow: Request) -> None:
        self._limit.leave()
        lost = flow.code in _LOST
        # One attempt that was waited for to its end: of others it is not known what took the time.
        if flow.attempts == 1 and (lost or flow.fault is None):
            self._limit.learn(flow.queued, flow.worker, self._clock(), lost=lost)

    def held(self) -> Mapping[str, float]:
        return {"in_flight": self._limit.in_flight, "limit": self._limit.value}

    def settings(self) -> Mapping[str, Any]:
        settings = self._limit.settings
        return {
            "tolerance": settings.tolerance,
            "floor": settings.floor,
            "at_least": settings.at_least,
            "at_most": settings.at_most,
            "priority": self._priority,
        }


def build(asked: Mapping[str, Any]) -> Shed | None:
    """Build it for a route that has ``shed`` and waits for an answer."""
    settings = asked.get("shed", OFF)
    if settings == OFF or asked.get("accept"):
        return None
    limits = asked.get("shedding") or Limits()
    limit = limits.of(asked["way"], LimitSettings(**settings))
    return Shed(limit, asked.get("priority") or 0)
