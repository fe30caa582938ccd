"""What routes that call several operations must agree on."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingress.document import Document
from ingress.fanout.sections import PARTIAL
from ingress.problems import Path, Problem

Entry = tuple[Path, Mapping[str, Any]]

# What looks at the one queue of a route.
_OF_A_QUEUE = ("variants", "mirror", "accept", "require_worker", "shed", "queue", "exchange")


def problems(document: Document, routes: list[Entry]) -> Iterator[Problem]:
    """Find settings that need one queue, and a branch whose name is taken."""
    for path, route in routes:
        section = route.get("fan_out")
        if not isinstance(section, dict):
            continue
        for name in _OF_A_QUEUE:
            if not _off(route.get(name)):
                message = f"a route with fan_out has no one queue for {name}"
                yield document.problem((*path, name), message, key=True)
        branches = section.get("branches")
        if isinstance(branches, dict) and PARTIAL in branches:
            message = f"{PARTIAL!r} is the member that tells what is missing"
            here = (*path, "fan_out", "branches", PARTIAL)
            yield document.problem(here, message, hint="name the branch otherwise", key=True)


def _off(value: object) -> bool:
    return value is None or value is False or value == "off"
