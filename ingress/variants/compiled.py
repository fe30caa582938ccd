"""From what the route file says to the policy and the Plans of a route's variants."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingress.plan import Plan
from ingress.policies.port import Holder, Policy
from ingress.routing.keys import first_of
from ingress.variants.choice import Choice
from ingress.variants.divided import Divided
from ingress.variants.policy import STAYS, Variants, rule_of
from ingress.variants.sections import VariantSection


def name_of(route: str, variant: str) -> str:
    """Name a variant's Plan, as log, metrics and journal show it."""
    return f"{route} ~{variant}"


def policy(
    sections: Mapping[str, VariantSection], sticky: Sequence[str], plans: Mapping[str, Plan]
) -> Variants:
    """Make the policy that chooses among the Plans, by the variants' names."""
    weights = {name: section.weight for name, section in sections.items()}
    rules = []
    for name, section in sections.items():
        rule = rule_of(section.callers, section.headers or {}, section.cookies or {})
        if rule is not None:
            rules.append((rule, name))
    stays = max(0.0, 1 - sum(weights.values()))
    shown: dict[str, Any] = {
        "weights": [f"{name} {weight:.4g}" for name, weight in weights.items()],
        "sticky": list(sticky),
    }
    return Variants(plans, rules, Choice({STAYS: stays, **weights}), first_of(sticky), shown)


def divided(
    built: Sequence[Policy], route: str, others: Mapping[str, Sequence[Policy]]
) -> tuple[Policy, ...]:
    """Put a :class:`Divided` where a policy looks at the queue and a variant has another.

    ``others`` are the policies of the variants, by the names of their Plans.
    """
    return tuple(_shared(one, route, others) for one in built)


def _shared(one: Policy, route: str, others: Mapping[str, Sequence[Policy]]) -> Policy:
    if one.name not in _OF_A_QUEUE:
        return one
    by_route: dict[str, Holder] = {route: one}  # type: ignore[dict-item]  # of the slot HOLD
    for name, policies in others.items():
        found = next((each for each in policies if each.name == one.name), None)
        if found is None:
            return one
        by_route[name] = found  # type: ignore[assignment]
    return Divided(one.name, by_route)


# What watches a queue, or limits the calls in one; a bulkhead limits those of the route.
_OF_A_QUEUE = frozenset({"require_worker", "shed"})
