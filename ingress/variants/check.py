"""What a route's variants must agree on: their weights, and that each is another place."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingress import units
from ingress.document import Document
from ingress.problems import Path, Problem

Entry = tuple[Path, Mapping[str, Any]]

_PLACES = ("operation", "queue", "exchange", "routing_key")


def problems(document: Document, routes: list[Entry]) -> Iterator[Problem]:
    """Find weights of more than all calls, and variants that are where the route is."""
    for path, route in routes:
        variants = route.get("variants")
        if not isinstance(variants, dict):
            if "sticky" in route:
                message = "there are no variants to stay with"
                hint = "add `variants`, or take it away"
                yield document.problem((*path, "sticky"), message, hint=hint, key=True)
            continue
        sections = {name: one for name, one in variants.items() if isinstance(one, dict)}
        total = sum(_weight(one) for one in sections.values())
        if total > 1:
            message = f"the weights add up to {units.write_share(total)}"
            hint = "they are shares of all calls; what is left stays with the route"
            yield document.problem((*path, "variants"), message, hint=hint, key=True)
        for name, section in sections.items():
            if not any(place in section for place in _PLACES):
                message = "a variant needs an operation, a queue or an exchange of its own"
                yield document.problem((*path, "variants", name), message, key=True)


def _weight(section: Mapping[str, Any]) -> float:
    try:
        return units.share(section.get("weight", "0%"))
    except ValueError:
        return 0.0
