"""What the protection of a route must agree on, once ``defaults`` are laid under it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ingress.document import Document
from ingress.problems import Path, Problem

Entry = tuple[Path, Mapping[str, Any]]

_DEFAULTS: Final = ("defaults",)


def problems(document: Document, routes: Iterable[Entry], defaults: object) -> Iterator[Problem]:
    """Find what each section says that cannot be; shapes are for the model to check."""
    below = defaults if isinstance(defaults, dict) else {}
    for path, entry in ((_DEFAULTS, below), *routes):
        for name, rule in _RULES.items():
            if isinstance(entry.get(name), dict):
                under = below.get(name)
                merged = {**(under if isinstance(under, dict) else {}), **entry[name]}
                yield from rule(document, (*path, name), merged)


def _cors(document: Document, here: Path, said: Mapping[str, Any]) -> Iterator[Problem]:
    origins = said.get("origins")
    if not origins and here[0] != _DEFAULTS[0]:
        message, hint = "no origin is named, so nothing is allowed", "add `origins`, or write off"
        yield document.problem(here, message, hint=hint, key=True)
    # The Fetch standard, section 3.2.5: a star never covers credentials. To answer it with
    # whatever origin asks would let every page in the world act for whoever is logged in.
    if said.get("credentials") is True and isinstance(origins, list) and "*" in origins:
        message = "credentials cannot be allowed to everybody"
        hint = "name the origins, or take `credentials` away"
        yield document.problem(here, message, hint=hint, key=True)


def _ip(document: Document, here: Path, said: Mapping[str, Any]) -> Iterator[Problem]:
    if not said.get("allow") and not said.get("deny"):
        message, hint = "neither `allow` nor `deny` is given", "name networks, or write off"
        yield document.problem(here, message, hint=hint, key=True)


_RULES: Final = {"cors": _cors, "ip": _ip}
