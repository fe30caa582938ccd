"""Which route takes a request, and why the others do not. For people.

The router itself says who wins; the reasons of the others are found again here, one by one, so
that they can be told in words.
"""

from collections.abc import Iterable, Sequence

import msgspec

from contracts.fault import Fault
from ingress.pattern import ANY, parse
from ingress.plan import Plan
from ingress.router import Router
from ingress.routing import hosts
from ingress.routing.asked import Pairs, Sketch
from ingress.routing.kinds import CHECKS
from ingress.routing.order import in_order
from ingress.routing.path import split


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of a request at one route; ``path`` says whether its path fits at least."""

    route: str
    operation: str
    takes: bool
    why: str
    path: bool


class Ruling(msgspec.Struct, frozen=True):
    """All of them in the order in which they are tried; ``place`` is the winner's in the file.

    ``refused`` is what the client hears where there is none, ``place`` is -1 then.
    """

    verdicts: tuple[Verdict, ...]
    place: int
    refused: str = ""


def judge(plans: Sequence[Plan], method: str, target: str, fields: Pairs = ()) -> Ruling:
    """Say which of the plans takes a request. ``target`` is the path, with a query or without."""
    path, _, query = target.partition("?")
    asked = Sketch(fields, query)
    winner, refused = None, ""
    try:
        winner, _ = Router(plans).match(method, path, asked)
    except Fault as fault:
        refused = str(fault)
    try:
        segments = split(path)
    except Fault:
        return Ruling((), -1, refused)
    names = [plan.name for plan in plans]
    verdicts = tuple(_verdict(plan, winner, method, segments, asked) for plan in in_order(plans))
    return Ruling(verdicts, names.index(winner.name) if winner else -1, refused)


def _verdict(
    plan: Plan, winner: Plan | None, method: str, segments: list[str], asked: Sketch
) -> Verdict:
    takes = winner is not None and plan.name == winner.name
    other = _path(plan, segments)
    if takes:
        # By the path with a slash more or less, which sends the client on.
        why = "redirects to it: 308" if other else "takes it"
        return Verdict(plan.name, plan.target.operation, takes, why, path=True)
    why = "; ".join(filter(None, (other, *_reasons(plan, method, asked))))
    if not why and winner:
        why = f"would take it, but {winner.name} is more precise"
    return Verdict(plan.name, plan.target.operation, takes, why, path=not other)


def _reasons(plan: Plan, method: str, asked: Sketch) -> Iterable[str]:
    if plan.method not in {method, ANY} and (plan.method, method) != ("GET", "HEAD"):
        yield f"takes {plan.method}"
        return
    if plan.hosts:
        said = next((value for name, value in asked.fields if name == "host"), "")
        if set(hosts.ladder(hosts.of(said))).isdisjoint(plan.hosts):
            yield f"is for {' and '.join(plan.hosts)}, not for {said or 'no host'}"
    for text, test in plan.when.parts():
        if not test(asked):
            yield f"asks for {text}"


def _path(plan: Plan, segments: list[str]) -> str:
    """Say where a path leaves the pattern; empty when it does not."""
    pattern = parse(f"{plan.method} {plan.pattern}")
    kinds = iter(pattern.kinds)
    for index, wanted in enumerate(pattern.segments):
        if index >= len(segments):
            return "its path is longer"
        given = segments[index]
        if wanted is not None:
            if given != wanted:
                return f"its segment {index + 1} is {wanted!r}, not {given!r}"
            continue
        kind = next(kinds)
        if not given:
            return f"its segment {index + 1} is a parameter, which is never empty"
        if kind and not CHECKS[kind](given):
            return f"{given!r} is no {kind}"
    if pattern.tail:
        return "" if len(segments) > len(pattern.segments) else "its path is longer"
    return "its path is shorter" if len(segments) > len(pattern.segments) else ""
