"""Hold callers to their rates, quotas and calls at a time. What counts is in ``ingress.limits``.

It may stand in a Plan twice: before authentication with the limits that say so, and behind it with
all others.
"""

from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from contracts.call import Reply
from contracts.fault import Fault
from ingress.limits import fields
from ingress.limits.compiled import Plans, Rule, rule
from ingress.limits.keys import fit
from ingress.limits.limit import Ask, Limit, Verdict
from ingress.limits.meter import Meter
from ingress.policies.port import Request, Slot

# For observers: which limit refused, and that none could count.
_REFUSED: Final = "limit_refused"
_UNCOUNTED: Final = "limit_uncounted"

_SENTENCES: Final = {
    "rate_limited": "more calls than are allowed in this time, or at one time",
    "quota_exceeded": "the calls of this day or month are used up",
}


class _Told(msgspec.Struct, frozen=True):
    """What goes with the limits of a usage plan, or with none: the field RateLimit-Policy.

    ``holds`` says that any of them, or of the route's own, is one of calls at a time.
    """

    limits: tuple[Limit, ...]
    policy: tuple[str, str]
    holds: bool


class Limits:
    """Answers 429 above any of the limits, and tells how they stand in every answer.

    A call counts under all of its limits or under none. ``plans`` are the usage plans of callers
    that have one. ``early`` is what stands before authentication.
    """

    holds = False

    def __init__(
        self,
        rules: Sequence[Rule],
        plans: Plans | None,
        meter: Meter | None,
        *,
        early: bool = False,
    ) -> None:
        self.name = "limits_before_auth" if early else "limits"
        self.slot = Slot.EDGE if early else Slot.QUOTA
        self._rules = tuple(rules)
        self._plans = plans
        self._meter = meter
        self._pairs = tuple((one, rule.key_of) for rule in rules for one in rule.limits)
        self._alone = _told([one for one, _ in self._pairs])
        # What is told and held with the limits of a usage plan, for as long as these are the same.
        self._with: dict[str, _Told] = {}

    def __repr__(self) -> str:
        return f"<Limits {self._alone.policy[1]}>"

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        asks: list[Ask] = []
        for limit, key_of in self._pairs:
            asks.append((limit, key_of(flow)))
        told = self._alone
        who = flow.identity
        if self._plans is not None and who is not None and who.plan:
            told = self._with_plan(self._plans, who.plan)
            key = fit(who.consumer or who.id)
            for limit in told.limits:
                asks.append((limit, key))  # noqa: PERF401 - they are few
        if not asks:
            return None
        if self._meter is None:
            raise Fault("store_down", "nothing counts here")
        try:
            verdict = self._meter.take(asks)
            if not isinstance(verdict, Verdict):
                return self._later(flow, asks, told, verdict)
        except Fault as fault:
            self._uncounted(flow, asks, fault)
        else:
            self._judge(flow, asks, told, verdict)
        return None

    def limits(self) -> list[Limit]:
        """Give all that hold now, those of usage plans too: for people who look."""
        return [*(one for one, _ in self._pairs), *(self._plans.all() if self._plans else ())]

    def settings(self) -> Mapping[str, Any]:
        described = [one.policy for one, _ in self._pairs]
        return {"limits": described, "usage_plans": self._plans is not None}

    async def _later(
        self, flow: Request, asks: Sequence[Ask], told: _Told, verdict: Awaitable[Verdict]
    ) -> Reply | None:
        try:
            judged = await verdict
        except Fault as fault:
            self._uncounted(flow, asks, fault)
        else:
            self._judge(flow, asks, told, judged)
        return None

    def _judge(self, flow: Request, asks: Sequence[Ask], told: _Told, verdict: Verdict) -> None:
        refused = verdict.refused
        stands = fields.standing(refused or verdict.standings)
        flow.headers += (told.policy, ("ratelimit", stands))
        if not refused:
            if told.holds:
                # For ``settle``.
                flow.notes[self.name] = asks
            return
        # Of several the one that lasts longest says what it is.
        code = max(refused, key=lambda one: one[2])[0].code
        names = [one[0].name for one in refused]
        flow.notes[_REFUSED] = names[0]
        extensions: dict[str, Any] = {"violated-policies": names}
        wait = fields.retry_after(refused)
        raise Fault(code, _SENTENCES[code], retry_after=wait, **extensions)

    def _with_plan(self, plans: Plans, name: str) -> _Told:
        """Give what is told with the limits of a usage plan, made anew when they have changed."""
        limits = plans.limits(name)
        known = self._with.get(name)
        if known is None or known.limits is not limits:
            known = self._with[name] = _told([one for one, _ in self._pairs], limits)
        return known

    def _uncounted(self, flow: Request, asks: Sequence[Ask], fault: Fault) -> None:
        """Nothing can be counted: pass where every limit says so."""
        if fault.code != "store_down" or not all(limit.opens for limit, _ in asks):
            raise fault
        flow.notes[_UNCOUNTED] = True


class HoldingLimits(Limits):
    """Limits of which some hold places: those of calls at a time."""

    holds = True

    def settle(self, flow: Request) -> None:
        asks = flow.notes.get(self.name)
        if asks and self._meter:
            self._meter.give_back(asks)


def _told(own: Sequence[Limit], more: tuple[Limit, ...] = ()) -> _Told:
    every = (*own, *more)
    policy = ("ratelimit-policy", fields.policy(every))
    return _Told(more, policy, any(one.concurrent for one in every))


def build(asked: Mapping[str, Any]) -> Limits | None:
    """Build it for a route that names limits, or whose callers may have usage plans."""
    directory = asked.get("directory") if asked.get("auth", "off") != "off" else None
    named = _named(asked, early=False)
    if not named and directory is None:
        return None
    return _built(asked, named, None if directory is None else Plans(directory), early=False)


def build_early(asked: Mapping[str, Any]) -> Limits | None:
    """Build it for a route that names limits which count before authentication."""
    named = _named(asked, early=True)
    return _built(asked, named, None, early=True) if named else None


def _named(asked: Mapping[str, Any], *, early: bool) -> list[str]:
    names = asked.get("limits", ())
    return [name for name in names if asked["limit_sections"][name]["before_auth"] is early]


def _built(
    asked: Mapping[str, Any], named: Sequence[str], plans: Plans | None, *, early: bool
) -> Limits:
    rules = [rule(name, asked["limit_sections"][name]) for name in named]
    limits = [one for each in rules for one in each.limits]
    meter = asked.get("meter")
    if meter is not None:
        with suppress(Fault):  # each call will tell
            for one in (*limits, *(plans.all() if plans else ())):
                meter.prepare(one)
    holds = plans is not None or any(one.concurrent for one in limits)
    kind = HoldingLimits if holds else Limits
    return kind(rules, plans, meter, early=early)
