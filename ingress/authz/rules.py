"""The rules of a route: of several one is enough, and of one rule all must be so."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec

from contracts.call import Call
from ingress.auth.identity import Identity
from ingress.authz.conditions import KNOWN, Condition, conditions
from ingress.authz.sections import ANYONE, RuleSection

# What was refused is told of three rules at the most: nobody reads more.
_MOST_TOLD: Final = 3

Report = Callable[[Condition, BaseException], None]


class Denial(msgspec.Struct, frozen=True):
    """Why a caller may not: in words for him, and the scopes that a new token would need."""

    reason: str
    scope: str = ""


class Judgement(msgspec.Struct, frozen=True):
    """What can be said of a caller without a request: ``may`` is ``yes``, ``no`` or ``depends``."""

    may: Literal["yes", "no", "depends"]
    reasons: tuple[str, ...] = ()


class Rules:
    """``Rules(allow).denial(identity, call)`` says why not, or ``None``.

    ``allow`` is what the route file says: a rule, or several of them, or a word.
    """

    def __init__(self, allow: str | RuleSection | Sequence[RuleSection]) -> None:
        self._rules: tuple[tuple[Condition, ...], ...]
        if isinstance(allow, str):
            self._rules = ((),) if allow == ANYONE else ((KNOWN,),)
        else:
            listed = (allow,) if isinstance(allow, RuleSection) else tuple(allow)
            self._rules = tuple(conditions(rule) for rule in listed)

    @property
    def open(self) -> bool:
        """Whether all may."""
        return () in self._rules

    @property
    def needs_caller(self) -> bool:
        """Whether none of the rules lets through a caller whom nobody knows."""
        return all(any(one.of == "caller" for one in rule) for rule in self._rules)

    def words(self) -> tuple[str, ...]:
        """Say each rule in words."""
        return tuple(" and ".join(one.words for one in rule) or ANYONE for rule in self._rules)

    def denial(self, identity: Identity | None, call: Call, report: Report) -> Denial | None:
        """Judge a call. A condition that cannot tell is not met, and ``report`` hears of it."""
        missed = []
        for rule in self._rules:
            condition = _first_missed(rule, identity, call, report)
            if condition is None:
                return None
            missed.append(condition)
        reasons = dict.fromkeys(one.lacking for one in missed[:_MOST_TOLD])
        # With several ways in it would be a guess which of them the caller is to take.
        return Denial("; or ".join(reasons), missed[0].scope if len(missed) == 1 else "")

    def judge(self, identity: Identity | None, address: str | None = None) -> Judgement:
        """Say what can be said without a request; ``address`` is the client's, if it is given."""
        call = Call(id="", operation="")
        if address is not None:
            caller = msgspec.structs.replace(call.caller, address=address)
            call = msgspec.structs.replace(call, caller=caller)
        judged = [_judged(rule, identity, call, address) for rule in self._rules]
        for may in ("yes", "depends"):
            if fits := [one for one in judged if one.may == may]:
                return Judgement(may, tuple(why for one in fits for why in one.reasons))
        return Judgement("no", tuple(dict.fromkeys(why for one in judged for why in one.reasons)))

    def __repr__(self) -> str:
        return f"<Rules {' | '.join(self.words())}>"


def _first_missed(
    rule: Sequence[Condition], identity: Identity | None, call: Call, report: Report
) -> Condition | None:
    for condition in rule:
        try:
            met = condition.met(identity, call)
        except Exception as error:  # noqa: BLE001 - whatever it is, it refuses
            report(condition, error)
            met = False
        if not met:
            return condition
    return None


def _judged(
    rule: Sequence[Condition], identity: Identity | None, call: Call, address: str | None
) -> Judgement:
    told = {"caller"} if address is None else {"caller", "address"}
    missed = [one.lacking for one in rule if one.of in told and not one.met(identity, call)]
    if missed:
        return Judgement("no", tuple(missed))
    open_ones = [one.words for one in rule if one.of not in told]
    return Judgement("depends", tuple(open_ones)) if open_ones else Judgement("yes")
