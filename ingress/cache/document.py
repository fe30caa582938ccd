"""What people and programs are told of the cache: plain values, and no bodies."""

from typing import Any

from ingress.cache.entry import Entry
from ingress.cache.shelf import Shelf


def stats_document(shelf: Shelf) -> dict[str, Any]:
    """Tell how it does: what was answered how since the start, and the memory."""
    counts, memory = shelf.counts, shelf.memory
    served = counts["hit"] + counts["stale"] + counts["collapsed"]
    asked = served + counts["miss"] + counts["validated"] + counts["pass"]
    return {
        "entries": len(memory),
        "bytes": memory.used,
        "size": memory.room,
        "evicted": memory.evicted,
        "under_way": len(shelf.flights),
        "hit_ratio": round(served / asked, 4) if asked else None,
        "results": dict(counts),
    }


def entry_document(entry: Entry, now: float, *, full: bool = False) -> dict[str, Any]:
    """Tell of one answer; ``full`` with its fields. Times are seconds."""
    query, _, rest = entry.part.partition("\n")
    told: dict[str, Any] = {
        "host": entry.host,
        "path": entry.path,
        "query": query,
        "vary": dict(zip(entry.vary, entry.varied, strict=True)),
        "status": entry.status,
        "bytes": len(entry.body),
        "age": round(entry.age(now), 1),
        "ttl": round(entry.lifetime - entry.age(now), 1),
        "tags": list(entry.tags),
    }
    if rest:
        # What else is in the key; it may name a caller, and shows nothing that was secret.
        told["key"] = rest.replace("\n", " | ").replace("\x1f", " ")
    if full:
        told["etag"] = entry.etag
        told["headers"] = [list(pair) for pair in entry.fields if pair[0] != "set-cookie"]
    return told
