"""Refuse a caller who is known, or not, and may not call this route.

It stands behind what finds out who is calling, and asks nobody: rules are compiled at the start,
and whatever cannot be judged is refused.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts import logs
from contracts.call import Reply
from contracts.fault import Fault
from ingress.authz.conditions import Condition
from ingress.authz.rules import Rules
from ingress.policies.port import Request, Slot

# Schemes whose callers can ask for a token with more scopes.
_BEARERS: Final = frozenset({"jwt", "introspection"})


class Allow:
    """Answers 403 ``forbidden``, and says what is missing."""

    name = "allow"
    slot = Slot.IDENTITY

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._reported: set[tuple[str, str]] = set()

    def admit(self, flow: Request) -> Reply | None:
        identity = flow.identity
        denial = self._rules.denial(identity, flow.call, self._report)
        if denial is None:
            return None
        headers: tuple[tuple[str, str], ...] = ()
        if denial.scope and identity is not None and identity.scheme in _BEARERS:
            # RFC 6750 section 3.1.
            challenge = f'Bearer error="insufficient_scope", scope="{denial.scope}"'
            headers = (("www-authenticate", challenge),)
        raise Fault("forbidden", denial.reason, headers=headers)

    def settings(self) -> Mapping[str, Any]:
        return {"allow": list(self._rules.words())}

    def _report(self, condition: Condition, error: BaseException) -> None:
        """Tell once of each kind of failure; its text may hold what a caller sent."""
        kind = (condition.words, type(error).__name__)
        if kind not in self._reported:
            self._reported.add(kind)
            logs.bind(condition=condition.words, error=kind[1]).warning(
                "a condition cannot be judged, so it refuses: {}", kind[1]
            )

    def __repr__(self) -> str:
        return f"<Allow {self._rules!r}>"


def build(asked: Mapping[str, Any]) -> Allow | None:
    """Build it for a route that says who may, unless that is anyone."""
    if "allow" not in asked:
        return None
    rules = Rules(asked["allow"])
    return None if rules.open else Allow(rules)
