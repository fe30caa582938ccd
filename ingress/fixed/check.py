"""A route calls an operation, or the gateway answers by itself: one of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingress import pattern
from ingress.document import Document
from ingress.fixed.sections import PARAMETER, WAYS
from ingress.problems import Path, Problem, did_you_mean
from ingress.routing import groups

Entry = tuple[Path, Mapping[str, Any]]


def problems(document: Document, routes: list[Entry], declared: object) -> Iterator[Problem]:
    """Find routes that do two things, and redirects to what is not there."""
    known = declared if isinstance(declared, dict) else {}
    for path, route in routes:
        ways = [way for way in WAYS if way in route]
        if len(ways) > 1:
            message = f"{ways[0]} and {ways[1]} exclude each other"
            yield document.problem((*path, ways[1]), message, key=True)
        redirect = route.get("redirect")
        if isinstance(redirect, dict) and isinstance(redirect.get("to"), str):
            group = known.get(str(route.get("group")), {})
            yield from _redirect(document, path, route, group if isinstance(group, dict) else {})


def _redirect(
    document: Document, path: Path, route: Mapping[str, Any], group: Mapping[str, Any]
) -> Iterator[Problem]:
    try:
        parsed: pattern.Pattern = groups.full(route.get("route", ""), group.get("prefix") or "")
    except (ValueError, AttributeError, TypeError):
        return
    for name in PARAMETER.findall(route["redirect"]["to"]):
        if name not in parsed.names:
            hint = did_you_mean(name, parsed.names) or f"it has {', '.join(parsed.names) or 'none'}"
            message = f"the path has no parameter {name!r}"
            yield document.problem((*path, "redirect", "to"), message, hint=hint)
