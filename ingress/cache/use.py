"""Whether a stored answer may be used for a request: RFC 9111 section 4, without I/O."""

from enum import Enum

from ingress.cache import control
from ingress.cache.control import Directives
from ingress.cache.entry import Entry


class Use(Enum):
    """What may be done with it."""

    FRESH = "fresh"
    STALE = "stale, and the client takes that"
    BEHIND = "stale, and the worker is asked behind the client's back"
    ASK = "not before the worker was asked"


def judge(entry: Entry, directives: Directives, now: float) -> Use:
    """Judge an answer by its age; ``directives`` are the request's Cache-Control."""
    if entry.validate:
        return Use.ASK
    age = now - entry.born
    left = entry.lifetime - age
    if directives and not _enough(directives, age, left):
        return Use.ASK
    if left > 0:
        return Use.FRESH
    if directives and not entry.strict and _bears(directives, -left):
        return Use.STALE
    return Use.BEHIND if -left < entry.revalidate else Use.ASK


def usable_after_error(entry: Entry, directives: Directives, now: float) -> bool:
    """Whether it may stand in for a worker that failed (RFC 5861 section 4)."""
    if entry.validate:
        return False
    late = now - entry.born - entry.lifetime
    if late <= 0:
        return "no-cache" not in directives
    asked = control.seconds(directives, "stale-if-error")
    bears = 0.0 if entry.strict or asked is None else float(asked)
    return late < max(entry.on_error, bears)


def _enough(directives: Directives, age: float, left: float) -> bool:
    """Whether a client that is choosy would take it (section 5.2.1)."""
    if "no-cache" in directives:
        return False
    most, least = control.seconds(directives, "max-age"), control.seconds(directives, "min-fresh")
    if most is not None and age > most and not ("max-stale" in directives and left <= 0):
        return False
    return least is None or left >= least


def _bears(directives: Directives, late: float) -> bool:
    if "max-stale" not in directives:
        return False
    if directives["max-stale"] is None:
        return True
    return late <= (control.seconds(directives, "max-stale") or 0)
