"""The order in which routes are tried, for people: ``routes list`` prints it."""

from collections.abc import Iterable
from typing import Any, Final

from ingress.pattern import ANY, METHODS, Pattern, parse
from ingress.plan import Plan
from ingress.routing.kinds import NAMES

_METHODS: Final = (*METHODS, ANY)


def in_order(plans: Iterable[Plan]) -> list[Plan]:
    """Sort plans by host, path, method and conditions, as the router tries them."""
    return sorted(plans, key=_precedence)


def _precedence(plan: Plan) -> tuple[Any, ...]:
    pattern = parse(f"{plan.method} {plan.pattern}")
    rank = tuple(-each for each in plan.when.rank)
    return _hosts(plan), _path(pattern), _METHODS.index(plan.method), rank


def _hosts(plan: Plan) -> tuple[Any, ...]:
    if not plan.hosts:
        return (2, 0, ())
    names = min(("*" in host, -len(host), host) for host in plan.hosts)
    return (int(names[0]), names[1], plan.hosts)


def _path(pattern: Pattern) -> tuple[tuple[int, int, str], ...]:
    kinds = iter(pattern.kinds)
    steps = []
    for segment in pattern.segments:
        if segment is not None:
            steps.append((0, 0, segment))
        elif kind := next(kinds):
            steps.append((1, NAMES.index(kind), ""))
        else:
            steps.append((2, 0, ""))
    return (*steps, (3, 0, "")) if pattern.tail else tuple(steps)
