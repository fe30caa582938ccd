"""How old an answer is, and for how long it is fresh: RFC 9111 section 4.2, without a clock."""

import re
from typing import Final

import msgspec

from ingress.cache import control, dates
from ingress.cache.control import Directives

Fields = tuple[tuple[str, str], ...]

# RFC 9110 section 15.1: what may be kept without being told so.
HEURISTIC: Final = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
NEGATIVE: Final = frozenset({404, 405, 410, 414, 501})

_AGE: Final = re.compile(r"[0-9]+")


class Said(msgspec.Struct, frozen=True, gc=False):
    """Where a lifetime comes from when the worker gives none: seconds, and a share (0 to 1).

    ``heuristic`` is the share of the time since Last-Modified that an answer is taken for fresh.
    """

    ttl: float | None = None
    negative_ttl: float | None = None
    heuristic: float = 0.0


def initial_age(fields: Fields, asked: float, came: float) -> float:
    """Give the age of an answer when it came (section 4.2.3); moments are Unix seconds."""
    date = _only(fields, "date")
    moment = dates.parse(date) if date else None
    apparent = max(0.0, came - moment) if moment is not None else 0.0
    return max(apparent, _age(fields) + (came - asked))


def explicit_lifetime(
    fields: Fields, directives: Directives, came: float, *, targeted: bool
) -> float | None:
    """Give the seconds that the worker said; ``None`` if it did not say (section 4.2.1)."""
    for name in ("s-maxage", "max-age"):
        if (said := control.seconds(directives, name)) is not None:
            return float(said)
    if targeted:
        return None
    expires = [value for name, value in fields if name == "expires"]
    if not expires:
        return None
    until = dates.parse(expires[0]) if len(expires) == 1 else None
    if until is None:
        return 0.0
    date = _only(fields, "date")
    moment = dates.parse(date) if date else None
    return max(0.0, until - (came if moment is None else moment))


def default_lifetime(
    fields: Fields, directives: Directives, status: int, came: float, said: Said
) -> float | None:
    """Give the seconds for an answer that says nothing: what the route sets, or a guess.

    ``None`` where there is neither. The guess is that of section 4.2.2.
    """
    if "no-cache" in directives:
        return None
    if status in NEGATIVE:
        if said.negative_ttl is not None:
            return said.negative_ttl
    elif said.ttl is not None and status in HEURISTIC:
        return said.ttl
    modified = _only(fields, "last-modified")
    if not said.heuristic or not (status in HEURISTIC or "public" in directives) or not modified:
        return None
    since = dates.parse(modified)
    if since is None:
        return None
    date = _only(fields, "date")
    moment = dates.parse(date) if date else None
    return max(0.0, ((came if moment is None else moment) - since) * said.heuristic)


def _age(fields: Fields) -> int:
    """Read Age: the first value of the first line, 0 if that is no number (section 5.1)."""
    for name, value in fields:
        if name == "age":
            first = value.partition(",")[0].strip(" \t")
            if not _AGE.fullmatch(first):
                return 0
            return min(int(first[:12]), control.LONGEST)
    return 0


def _only(fields: Fields, name: str) -> str:
    for key, value in fields:
        if key == name:
            return value
    return ""
