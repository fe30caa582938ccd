"""Drops what an unsafe request made out of date: RFC 9111 section 4.4.

It stands on the routes whose methods may change something, in every route file that caches.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from contracts.call import Reply
from ingress.cache.memory import Order
from ingress.cache.shelf import Shelf
from ingress.policies.port import Request, Slot

# RFC 9110 section 9.2.1; a method that nobody knows may do anything.
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ERROR: Final = 400
# Faults after which the operation may have run to its end all the same.
_UNKNOWN: Final = frozenset({"deadline", "worker_lost", "bad_reply", "client_gone"})


class Invalidation:
    """Drops the answers for the target, and for what Location and Content-Location name.

    All queries of a path are dropped: what was added to a list may be on any page of it.
    """

    name = "invalidation"
    slot = Slot.CACHE

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def settings(self) -> Mapping[str, Any]:
        return {"methods": f"all but {', '.join(sorted(SAFE))}"}

    def admit(self, flow: Request) -> Reply | None:  # noqa: ARG002 - the port
        return None

    def settle(self, flow: Request) -> None:
        call, reply = flow.call, flow.reply
        if call.method in SAFE or not _changed(flow):
            return
        host = call.header("host").lower()
        paths = {call.path}
        for name, value in reply.headers if reply else ():
            if name.lower() in {"location", "content-location"}:
                paths |= _same_origin(value, host, call.path)
        for path in paths:
            dropped = self._shelf.drop(Order(at=self._shelf.clock(), path=path, host=host))
            self._shelf.counts["invalidated"] += dropped

    def __repr__(self) -> str:
        return "<Invalidation>"


def _changed(flow: Request) -> bool:
    """Whether it changed something, or may have though nobody knows how it ended."""
    if flow.reply is not None:
        return flow.reply.status < _ERROR
    return flow.code in _UNKNOWN


def _same_origin(reference: str, host: str, base: str) -> set[str]:
    """Give the path that a reference names, if it is of the same host; else nothing."""
    try:
        parts = urlsplit(urljoin(f"//{host}{base}", reference))
    except ValueError:
        return set()
    return {parts.path} if parts.netloc.lower() == host and parts.path.startswith("/") else set()


def build(asked: Mapping[str, Any]) -> Invalidation | None:
    """Build it for a route that may change something, where any route has a cache."""
    if not asked.get("caching") or asked.get("method", "GET") in SAFE:
        return None
    return Invalidation(asked.get("shelf") or Shelf(0))
