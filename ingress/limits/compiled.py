"""Named limits and usage plans, compiled from what the route file and the directory say."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from ingress.consumers.records import UsagePlan
from ingress.limits import limit, rate, values
from ingress.limits.keys import KeyOf, key_of
from ingress.limits.limit import Limit


class Rule(NamedTuple):
    """Limits of one name, and whose count a call is under them."""

    limits: tuple[Limit, ...]
    key_of: KeyOf


class Directory(Protocol):
    """Knows usage plans by name; gives the same object for as long as the plan is the same."""

    def plan(self, name: str) -> UsagePlan | None:
        """Give the plan, or ``None``."""
        ...

    @property
    def plans(self) -> Iterable[UsagePlan]:
        """Give all of them."""
        ...


def rule(name: str, section: Mapping[str, Any]) -> Rule:
    """Compile a section ``limits.NAME``."""
    made = limit.limits(
        name,
        [rate.parse(text) for text in section["rates"]],
        dict(values.quota(text) for text in section["quotas"]),
        section["concurrent"] or 0,
        max_keys=section["max_keys"],
        opens=section["when_down"] == "open",
    )
    by = key_of(
        section["by"],
        section["expression"] or "",
        each_route=section["each_route"],
        hidden=section["before_auth"],
    )
    return Rule(made, by)


class Plans:
    """The limits of usage plans, compiled when they are first met and when they change."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        # Asked in each call: the directory's own.
        self.plan = directory.plan
        self._known: dict[str, tuple[UsagePlan, tuple[Limit, ...]]] = {}

    def __repr__(self) -> str:
        return f"<Plans {sorted(self._known)}>"

    def all(self) -> list[Limit]:
        """Give the limits of all plans that there are now."""
        return [limit for plan in self._directory.plans for limit in self.limits(plan.name)]

    def limits(self, name: str) -> tuple[Limit, ...]:
        """Give the limits of a plan."""
        plan = self._directory.plan(name)
        if plan is None:
            self._known.pop(name, None)
            return ()
        known = self._known.get(name)
        if known is None or known[0] is not plan:
            known = self._known[name] = plan, _compiled(plan)
        return known[1]


def _compiled(plan: UsagePlan) -> tuple[Limit, ...]:
    return limit.limits(
        plan.name,
        [rate.parse(text) for text in plan.rates],
        dict(values.quota(text) for text in plan.quotas),
        plan.concurrent,
        shared=True,
    )
