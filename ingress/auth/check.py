"""Holds what routes say of authentication against what the file declares."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingress.auth import sections
from ingress.document import Document
from ingress.problems import Path, Problem, did_you_mean


def problems(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Find authenticators that routes name and nobody declared."""
    declared = data.get("auth")
    known = list(map(str, declared)) if isinstance(declared, dict) else []
    for path, said in _said(data):
        several = isinstance(said, list)
        for index, name in enumerate(sections.names(said)):
            if name not in known:
                hint = did_you_mean(name, known) or f"add {name} to the file's `auth`"
                here = (*path, index) if several else path
                yield document.problem(here, f"no authenticator {name!r} is declared", hint=hint)


def _said(data: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    defaults, routes = data.get("defaults"), data.get("routes")
    if isinstance(defaults, dict) and "auth" in defaults:
        yield ("defaults", "auth"), defaults["auth"]
    groups = data.get("groups")
    for name, group in groups.items() if isinstance(groups, dict) else ():
        if isinstance(group, dict) and "auth" in group:
            yield ("groups", name, "auth"), group["auth"]
    for index, route in enumerate(routes if isinstance(routes, list) else ()):
        if isinstance(route, dict) and "auth" in route:
            yield ("routes", index, "auth"), route["auth"]
