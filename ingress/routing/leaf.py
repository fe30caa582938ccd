"""The plans at one shape of path: by method, and where they have conditions in their order."""

from collections.abc import Iterator

from contracts.fault import Fault
from ingress.pattern import ANY, Pattern
from ingress.plan import Plan
from ingress.routing.asked import Asked
from ingress.routing.conditions import Test

Found = tuple[Plan, tuple[str, ...]]


class Leaf:
    """What is declared at one shape of path.

    ``methods`` are the plans that take whatever comes, ``choices`` those with
    conditions, the first to try first.
    """

    __slots__ = ("choices", "methods")

    def __init__(self) -> None:
        self.methods: dict[str, Found] = {}
        self.choices: dict[str, list[tuple[Test, Plan, tuple[str, ...]]]] = {}

    def put(self, plan: Plan, pattern: Pattern) -> None:
        """Add a plan. Raises ``ValueError`` for one that takes the requests of another."""
        method, when = pattern.method, plan.when
        if not when.asks:
            if method in self.methods:
                msg = f"{plan.name} and {self.methods[method][0].name} take the same requests"
                raise ValueError(msg)
            self.methods[method] = (plan, pattern.names)
            return
        choices = self.choices.setdefault(method, [])
        for _, other, _ in choices:
            if other.when == when:
                msg = f"{plan.name} and {other.name} take the same requests"
                raise ValueError(msg)
        choices.append((when.test(), plan, pattern.names))
        choices.sort(key=lambda one: one[1].when.rank, reverse=True)

    def pick(self, method: str) -> Found | None:
        """Give the plan for a method among those without conditions."""
        methods = self.methods
        found = methods.get(method)
        if found is None and method == "HEAD":
            found = methods.get("GET")
        return methods.get(ANY) if found is None else found

    def choose(self, method: str, asked: Asked) -> Found | None:
        """Give the plan for a request among all."""
        if not self.choices:
            return self.pick(method)
        for name in _names(method):
            for test, plan, names in self.choices.get(name, ()):
                if test(asked):
                    return plan, names
            found = self.methods.get(name)
            if found is not None:
                return found
        return None

    def taken(self, method: str) -> bool:
        """Whether a plan is declared for this very method."""
        return method in self.methods or method in self.choices

    def offered(self, method: str) -> Iterator[Plan]:
        """Give the plans that would take the method under other conditions."""
        for name in _names(method):
            yield from (plan for _, plan, _ in self.choices.get(name, ()))

    def allow(self) -> list[str]:
        """Name the methods that are declared or answered without a declaration."""
        names = list(dict.fromkeys((*self.methods, *self.choices)))
        if "GET" in names and "HEAD" not in names:
            names.append("HEAD")
        return names if "OPTIONS" in names else [*names, "OPTIONS"]


def refusal(method: str, met: list[Leaf], asked: Asked) -> Fault:
    """Say why no plan of these leaves, whose paths fit, takes a request."""
    if not met:
        return Fault("not_found", "no route takes this path")
    offered = [plan for leaf in met for plan in leaf.offered(method)]
    if not offered:
        allow = ", ".join(dict.fromkeys(name for leaf in met for name in leaf.allow()))
        detail = f"this path takes {allow}"
        return Fault("method_not_allowed", detail, headers=(("allow", allow),))
    for plan in offered:
        wrong = plan.when.version and plan.when.version.refused(asked)
        if wrong:
            return wrong
    media = dict.fromkeys(
        kind for plan in offered if _only_media_is_wrong(plan, asked) for kind in plan.when.media
    )
    if media:
        # RFC 9110 section 12.5.1: Accept in a 415 says what would have been taken.
        taken = ", ".join(media)
        detail = f"the content type is not accepted here; send {taken}"
        return Fault("unsupported_media_type", detail, headers=(("accept", taken),))
    return Fault("not_found", "no route takes this path with these headers and this query")


def _only_media_is_wrong(plan: Plan, asked: Asked) -> bool:
    return bool(plan.when.media) and all(test(asked) for _, test in plan.when.parts()[:-1])


def _names(method: str) -> tuple[str, ...]:
    """Give the names under which a plan may be declared that takes the method."""
    return (method, "GET", ANY) if method == "HEAD" else (method, ANY)
