"""Tells the client what the cache did: Cache-Status (RFC 9211), and for people the same."""

from typing import Final

from ingress.cache.entry import Entry

FIELD: Final = "cache-status"
_NAME: Final = "queuegate"


def hit(entry: Entry, now: float, detail: str = "") -> tuple[str, str]:
    """Tell of a stored answer; one that is stale has a negative time to live."""
    left = int(entry.lifetime - (now - entry.born))
    more = f"; detail={detail}" if detail else ""
    return FIELD, f"{_NAME}; hit; ttl={left}{more}"


def forwarded(
    why: str, *, status: int = 0, stored: bool = False, collapsed: bool = False, detail: str = ""
) -> tuple[str, str]:
    """Tell of a call to the worker; ``why`` is a word of RFC 9211 section 2.2."""
    said = [f"{_NAME}; fwd={why}"]
    if status:
        said.append(f"fwd-status={status}")
    if stored:
        said.append("stored")
    if collapsed:
        said.append("collapsed")
    if detail:
        said.append(f"detail={detail}")
    return FIELD, "; ".join(said)
