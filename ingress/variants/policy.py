"""Send some of a route's calls to another operation or queue.

Whoever is named comes first, by caller, header or cookie; the rest is divided by weight. What is
chosen is the Plan of the variant, made at start: with its own name in log, metrics and journal,
its own breaker and its own queue.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from contracts.call import Call, Reply
from ingress.plan import Plan
from ingress.policies.port import Request, Slot
from ingress.routing.conditions import PRESENT
from ingress.routing.keys import Key, cookie
from ingress.variants.choice import Choice

STAYS: Final = ""
"""The name, in a Choice, of the route's own place."""

Rule = Callable[[Call], bool]


class Variants:
    """Diverts calls. ``rules`` are tried in their order, before the weights."""

    name = "variants"
    # Before CACHE: what one variant answers is nothing to serve to the calls of another.
    slot = Slot.SHAPE

    def __init__(
        self,
        plans: Mapping[str, Plan],
        rules: Sequence[tuple[Rule, str]],
        choice: Choice,
        key: Key,
        shown: Mapping[str, Any],
    ) -> None:
        self._plans = plans
        self._rules = tuple(rules)
        self._choice = choice
        self._key = key
        self._shown = shown

    def admit(self, flow: Request) -> Reply | None:
        """Choose, and divert the call unless it stays."""
        call = flow.call
        for rule, name in self._rules:
            if rule(call):
                flow.divert(self._plans[name])
                return None
        name = self._choice.of(self._key(call))
        if name != STAYS:
            flow.divert(self._plans[name])
        return None

    def settings(self) -> Mapping[str, Any]:
        """Give what is chosen from, and by what."""
        return self._shown

    def __repr__(self) -> str:
        return f"<Variants {', '.join(self._plans)}>"


def rule_of(
    callers: Sequence[str], headers: Mapping[str, str], cookies: Mapping[str, str]
) -> Rule | None:
    """Compile who comes whatever the weight; ``None`` when nobody is named."""
    named = frozenset(callers)
    fields, jar = tuple(headers.items()), tuple(cookies.items())
    if not (named or fields or jar):
        return None

    def rule(call: Call) -> bool:
        if call.caller.id and call.caller.id in named:
            return True
        if any(_is(call.header(name), wanted) for name, wanted in fields):
            return True
        return any(_is(cookie(call, name), wanted) for name, wanted in jar)

    return rule


def _is(said: str, wanted: str) -> bool:
    return bool(said) and wanted in {PRESENT, said}
