"""What a route with affinity must agree on."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingress.document import Document
from ingress.problems import Path, Problem

Entry = tuple[Path, Mapping[str, Any]]


def problems(document: Document, routes: list[Entry], services: object) -> Iterator[Problem]:
    """Find lanes at an exchange, neither of them, and what needs to know the one queue."""
    known = services if isinstance(services, dict) else {}
    for path, route in routes:
        section = route.get("affinity")
        if not isinstance(section, dict):
            continue
        here = (*path, "affinity")
        service = known.get(str(route.get("operation")).partition(".")[0], {})
        inherited = isinstance(service, dict) and service.get("exchange") and not route.get("queue")
        exchange = bool(route.get("exchange") or inherited)
        if exchange and section.get("lanes") is not None:
            message = "an exchange divides by itself: lanes are for queues"
            yield document.problem((*here, "lanes"), message, hint="take one away", key=True)
        elif not exchange and section.get("lanes") is None:
            message = "the key 'lanes' is missing: how many queues has the service?"
            hint = "or name an x-consistent-hash exchange"
            yield document.problem(here, message, hint=hint, key=True)
        for name in ("shed", "require_worker", "variants"):
            value = route.get(name)
            if value is not None and value is not False and value != "off":
                message = f"a route with affinity has no one queue for {name}"
                yield document.problem((*path, name), message, key=True)
