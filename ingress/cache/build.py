"""Builds the cache's policies for a route from what the route file asks for."""

from collections.abc import Mapping
from typing import Any, Final

from ingress.cache.freshness import Said
from ingress.cache.invalidation import SAFE, Invalidation
from ingress.cache.key import Choice
from ingress.cache.policy import Cache
from ingress.cache.shelf import Shelf
from ingress.cache.storing import Rules

OFF: Final = "off"
_CACHED: Final = frozenset({"GET", "HEAD", "ANY"})


def cache(asked: Mapping[str, Any]) -> Cache | None:
    """Build the cache of a route that has one: its method is GET, HEAD or ANY."""
    settings = asked.get("cache", OFF)
    if settings == OFF or asked.get("method", "GET") not in _CACHED:
        return None
    said = Said(settings["ttl"], settings["negative_ttl"], settings["heuristic"])
    rules = Rules(
        said=said,
        stale_while_revalidate=settings["stale_while_revalidate"],
        stale_if_error=settings["stale_if_error"],
        max_entry=settings["max_entry"],
        store_cookies=settings["set_cookie"],
        public=settings["public"],
        tags=settings["tags"],
    )
    return Cache(
        Choice(
            settings["query"],
            settings["headers"],
            settings["caller"],
            asked.get("operation", ""),
        ),
        rules,
        asked.get("shelf") or Shelf(0),
        obey_clients=settings["obey_clients"],
        coalesce=settings["coalesce"],
    )


def invalidation(asked: Mapping[str, Any]) -> Invalidation | None:
    """Build what drops answers on routes that may change something, where any route caches."""
    if not asked.get("caching") or asked.get("method", "GET") in SAFE:
        return None
    return Invalidation(asked.get("shelf") or Shelf(0))
