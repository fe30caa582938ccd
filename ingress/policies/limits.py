"""Hold callers to their rates, quotas and calls at a time. What counts is in ``ingress.limits``."""

from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.limits import fields
from ingress.limits.compiled import Plans, Rule, rule
from ingress.limits.keys import fit
from ingress.limits.limit import Ask, Limit, Verdict
from ingress.limits.meter import Meter
from ingress.policies.port import Request, Slot

# Where a call's limits are remembered, and for observers: which refused, and that none could count.
_HELD: Final = "limits"
_REFUSED: Final = "limit_refused"
_UNCOUNTED: Final = "limit_uncounted"

_SENTENCES: Final = {
    "rate_limited": "more calls than are allowed in this time, or at one time",
    "quota_exceeded": "the calls of this day or month are used up",
}


class Limits:
    """Answers 429 above any of the limits, and tells how they stand in every answer.

    A call counts under all of its limits or under none. ``plans`` are the usage plans of callers
    that have one.
    """

    name = "limits"
    slot = Slot.QUOTA
    holds = False

    def __init__(self, rules: Sequence[Rule], plans: Plans | None, meter: Meter | None) -> None:
        self._rules = tuple(rules)
        self._plans = plans
        self._meter = meter
        self._pairs = tuple((one, rule.key_of) for rule in rules for one in rule.limits)
        self._policy = fields.policy([one for one, _ in self._pairs])
        self._holds = any(one.concurrent for one, _ in self._pairs)
        # What is told and held with the limits of a usage plan, which change now and then.
        self._with_plan: tuple[tuple[Limit, ...], str, bool] = ((), self._policy, self._holds)

    def __repr__(self) -> str:
        return f"<Limits {self._policy}>"

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        asks: list[Ask] = [(limit, key_of(flow)) for limit, key_of in self._pairs]
        who = flow.identity
        if who is not None and who.plan and self._plans:
            key = fit(who.consumer or who.id)
            asks += [(limit, key) for limit in self._plans.limits(who.plan)]
        if not asks:
            return None
        if self._meter is None:
            raise Fault("store_down", "nothing counts here")
        try:
            verdict = self._meter.take(asks)
            if not isinstance(verdict, Verdict):
                return self._later(flow, asks, verdict)
        except Fault as fault:
            self._uncounted(flow, asks, fault)
        else:
            self._judge(flow, asks, verdict)
        return None

    def limits(self) -> list[Limit]:
        """Give all that hold now, those of usage plans too: for people who look."""
        return [*(one for one, _ in self._pairs), *(self._plans.all() if self._plans else ())]

    def settings(self) -> Mapping[str, Any]:
        described = [one.policy for one, _ in self._pairs]
        return {"limits": described, "usage_plans": self._plans is not None}

    async def _later(
        self, flow: Request, asks: Sequence[Ask], verdict: Awaitable[Verdict]
    ) -> Reply | None:
        try:
            judged = await verdict
        except Fault as fault:
            self._uncounted(flow, asks, fault)
        else:
            self._judge(flow, asks, judged)
        return None

    def _judge(self, flow: Request, asks: Sequence[Ask], verdict: Verdict) -> None:
        policy, holds = self._policy, self._holds
        if len(asks) > len(self._pairs):
            policy, holds = self._of_plan(tuple([one for one, _ in asks[len(self._pairs) :]]))
        standings, refused = verdict
        told = fields.standing(refused or standings)
        flow.headers += (("ratelimit-policy", policy), ("ratelimit", told))
        if not refused:
            if holds:
                flow.notes[_HELD] = asks
            return
        # Of several the one that lasts longest says what it is.
        code = max(refused, key=lambda one: one[2])[0].code
        names = [one[0].name for one in refused]
        flow.notes[_REFUSED] = names[0]
        extensions: dict[str, Any] = {"violated-policies": names}
        wait = fields.retry_after(refused)
        raise Fault(code, _SENTENCES[code], retry_after=wait, **extensions)

    def _of_plan(self, limits: tuple[Limit, ...]) -> tuple[str, bool]:
        """Give what is told with the limits of a usage plan, and whether any hold places."""
        known, policy, holds = self._with_plan
        if known != limits:
            policy = ", ".join(filter(None, (self._policy, fields.policy(limits))))
            holds = self._holds or any(one.concurrent for one in limits)
            self._with_plan = limits, policy, holds
        return policy, holds

    def _uncounted(self, flow: Request, asks: Sequence[Ask], fault: Fault) -> None:
        """Nothing can be counted: pass where every limit says so."""
        if fault.code != "store_down" or not all(limit.opens for limit, _ in asks):
            raise fault
        flow.notes[_UNCOUNTED] = True


class HoldingLimits(Limits):
    """Limits of which some hold places: those of calls at a time."""

    holds = True

    def settle(self, flow: Request) -> None:
        asks = flow.notes.get(_HELD)
        if asks and self._meter:
            self._meter.give_back(asks)


def build(asked: Mapping[str, Any]) -> Limits | None:
    """Build it for a route that names limits, or whose callers may have usage plans."""
    named = asked.get("limits", ())
    directory = asked.get("directory") if asked.get("auth", "off") != "off" else None
    if not named and directory is None:
        return None
    rules = [rule(name, asked["limit_sections"][name]) for name in named]
    limits = [one for each in rules for one in each.limits]
    plans = None if directory is None else Plans(directory)
    meter = asked.get("meter")
    if meter is not None:
        with suppress(Fault):  # each call will tell
            for one in (*limits, *(plans.all() if plans else ())):
                meter.prepare(one)
    holds = directory is not None or any(one.concurrent for one in limits)
    kind = HoldingLimits if holds else Limits
    return kind(rules, plans, meter)
