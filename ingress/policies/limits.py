"""Hold callers to their rates, quotas and calls at a time. What counts is in ``ingress.limits``.

It may stand in a Plan twice: before authentication with the limits that say so, and behind it with
all others.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.consumers.records import UsagePlan
from ingress.limits import fields
from ingress.limits.compiled import Plans, Rule, rule
from ingress.limits.keys import KeyOf, consumer
from ingress.limits.limit import Ask, Limit, Verdict
from ingress.limits.meter import Meter, Take
from ingress.policies.port import Request, Slot

# For observers: which limit refused, and that none could count.
_REFUSED: Final = "limit_refused"
_UNCOUNTED: Final = "limit_uncounted"

# Callers whose accounts are kept at hand, of each limit and usage plan.
_REMEMBERED: Final = 4096

_SENTENCES: Final = {
    "rate_limited": "more calls than are allowed in this time, or at one time",
    "quota_exceeded": "the calls of this day or month are used up",
}


# What a call asks for, and what counts all calls that ask the same.
_Account = tuple[Sequence[Ask], Take]


class _Told:
    """The limits of a route with those of a usage plan, or with none, and what is told of them.

    ``read`` says whose counts a call is in, all limits together; ``None`` when there are none.
    ``holds`` says that any is one of calls at a time. ``accounts`` are those that were met.
    """

    __slots__ = (
        "_reads",
        "accounts",
        "head",
        "holds",
        "limits",
        "pairs",
        "plan",
        "read",
        "template",
    )

    def __init__(self, pairs: Sequence[tuple[Limit, KeyOf]], plan: UsagePlan | None = None) -> None:
        self.plan = plan
        self.pairs = pairs
        self.limits = [limit for limit, _ in pairs]
        self.holds = any(limit.concurrent for limit in self.limits)
        self.head = fields.head(self.limits)
        self.template = fields.template(self.limits)
        self.accounts: dict[Hashable, _Account] = {}
        # Mostly one and the same, which is then asked once.
        reads = self._reads = tuple(dict.fromkeys(key_of for _, key_of in pairs))
        self.read: Callable[[Request], Hashable] | None = None
        if reads:
            self.read = reads[0] if len(reads) == 1 else self._read

    def asks(self, flow: Request) -> list[Ask]:
        return [(limit, key_of(flow)) for limit, key_of in self.pairs]

    def remember(self, key: Hashable, account: "_Account") -> "_Account":
        if len(self.accounts) >= _REMEMBERED:
            self.accounts.clear()
        self.accounts[key] = account
        return account

    def _read(self, flow: Request) -> Hashable:
        return tuple([read(flow) for read in self._reads])


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
        self._plan = plans.plan if plans else _no_plan
        self._meter = meter
        self._pairs = tuple((one, rule.key_of) for rule in rules for one in rule.limits)
        self._alone = _Told(self._pairs)
        # With a usage plan, for as long as it is the same.
        self._with: dict[str, _Told] = {}

    def __repr__(self) -> str:
        return f"<Limits {fields.policy(self._alone.limits)}>"

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        told, who = self._alone, flow.identity
        if who is not None and who.plan:
            plan, known = self._plan(who.plan), self._with.get(who.plan)
            told = known if known is not None and known.plan is plan else self._told(who.plan, plan)
        read = told.read
        if read is None:
            return None
        key = read(flow)
        try:
            account = told.accounts.get(key) or self._open(told, key, flow)
            stands = account[1]()
        except Fault as fault:
            self._uncounted(flow, told, fault)
            return None
        if isinstance(stands, tuple):
            flow.standing += told.template % stands
        elif isinstance(stands, Verdict):
            self._judge(flow, account[0], told, stands)
        else:
            return self._later(flow, account[0], told, stands)
        return None

    def limits(self) -> list[Limit]:
        """Give all that hold now, those of usage plans too: for people who look."""
        return [*(one for one, _ in self._pairs), *(self._plans.all() if self._plans else ())]

    def settings(self) -> Mapping[str, Any]:
        described = [one.policy for one, _ in self._pairs]
        return {"limits": described, "usage_plans": self._plans is not None}

    def _open(self, told: _Told, key: Hashable, flow: Request) -> _Account:
        if self._meter is None:
            raise Fault("store_down", "nothing counts here")
        asks = told.asks(flow)
        return told.remember(key, (asks, self._meter.account(asks)))

    async def _later(
        self, flow: Request, asks: Sequence[Ask], told: _Told, verdict: Awaitable[Verdict]
    ) -> Reply | None:
        try:
            judged = await verdict
        except Fault as fault:
            self._uncounted(flow, told, fault)
        else:
            self._judge(flow, asks, told, judged)
        return None

    def _judge(self, flow: Request, asks: Sequence[Ask], told: _Told, verdict: Verdict) -> None:
        refused = verdict.refused
        stands = fields.standing(refused or verdict.standings)
        flow.standing += b"%b%b\r\n" % (told.head, stands.encode())
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

    def _told(self, name: str, plan: UsagePlan | None) -> _Told:
        """Give what holds with a usage plan, which was not met before, or has changed."""
        if plan is None or self._plans is None:
            return self._alone
        more = [(one, consumer) for one in self._plans.limits(name)]
        told = self._with[name] = _Told((*self._pairs, *more), plan)
        return told

    def _uncounted(self, flow: Request, told: _Told, fault: Fault) -> None:
        """Nothing can be counted: pass where every limit says so."""
        known = self._meter is not None and fault.code == "store_down"
        if not known or not all(limit.opens for limit in told.limits):
            raise fault
        flow.notes[_UNCOUNTED] = True


class HoldingLimits(Limits):
    """Limits of which some hold places: those of calls at a time."""

    holds = True

    def settle(self, flow: Request) -> None:
        asks = flow.notes.get(self.name)
        if asks and self._meter:
            self._meter.give_back(asks)


def _no_plan(_: str) -> None:
    """Give none: no caller of this route has one."""


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
