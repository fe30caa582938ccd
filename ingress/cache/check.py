"""What the settings of caches must agree on, with the rest of the route file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ingress import pattern
from ingress.document import Document
from ingress.problems import Path, Problem

Entry = tuple[Path, Mapping[str, Any]]

_CACHED: Final = frozenset({"GET", "HEAD", pattern.ANY})


def problems(
    document: Document, routes: Iterable[Entry], data: Mapping[str, Any]
) -> Iterator[Problem]:
    """Find what cannot be, or would never do anything; shapes are for the model to check."""
    yield from _shared(document, data)
    below = data.get("defaults")
    under = below.get("cache") if isinstance(below, dict) else None
    for path, route in routes:
        said = route.get("cache")
        if isinstance(said, dict):
            merged = {**(under if isinstance(under, dict) else {}), **said}
            yield from _route(document, (*path, "cache"), route, merged)


def _shared(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    cache = data.get("cache")
    store = data.get("store", "memory://")
    shared = isinstance(cache, dict) and cache.get("shared") is True
    if shared and str(store).startswith("memory:"):
        message = "answers cannot be shared without a store that is"
        hint = "add `store: redis://...` or `store: sqlite:state.sqlite`"
        yield document.problem(("cache", "shared"), message, hint=hint, key=True)


def _route(
    document: Document, here: Path, route: Mapping[str, Any], said: Mapping[str, Any]
) -> Iterator[Problem]:
    try:
        method = pattern.parse(route.get("route", "")).method
    except (ValueError, AttributeError):
        return
    if method not in _CACHED:
        message, hint = f"answers to {method} are not cached", "take it away; GET, HEAD and ANY are"
        yield document.problem(here, message, hint=hint, key=True)
    if route.get("accept") is True:
        message = "there is no answer to cache where a call is only accepted"
        yield document.problem(here, message, hint="take `cache` or `accept` away", key=True)
    if said.get("public") is True and said.get("caller") is True:
        message = "answers cannot be the same for all and each caller's own"
        hint = "take `public` or `caller` away"
        yield document.problem((*here, "public"), message, hint=hint, key=True)
