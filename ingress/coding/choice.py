"""What a client would rather have: lists with weights (RFC 9110 section 12.4.2), and the choice."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

_WEIGHT: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_MOST: Final = 50
_LONGEST: Final = 2000


class Wish(msgspec.Struct, frozen=True, gc=False):
    """One thing of a list: its name in lower case, and a weight from 0 (never) to 1."""

    name: str
    weight: float


@lru_cache(maxsize=512)
def wishes(field: str) -> tuple[Wish, ...]:
    """Read a field such as ``gzip;q=0.8, br``; parameters other than ``q`` are passed over.

    At most :data:`_MOST` of them; what has no readable weight is taken for a wish of weight 0.
    """
    found = []
    for part in field[:_LONGEST].split(",", _MOST)[:_MOST]:
        name, *parameters = (word.strip() for word in part.split(";"))
        if not name:
            continue
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                value = value.strip()
                weight = float(value) if _WEIGHT.fullmatch(value) else 0.0
        found.append(Wish(name.lower(), weight))
    return tuple(found)


def coding_for(field: str, offered: Sequence[str]) -> str:
    """Choose a content coding (RFC 9110 section 12.5.3); empty for none.

    Of two that are wished for alike, the one that is offered first.
    """
    said = {wish.name: wish.weight for wish in wishes(field)}
    others = said.get("*", 0.0)
    weights = [said.get(name, others) for name in offered]
    best = max(weights, default=0.0)
    if not best or said.get("identity", 0.0) > best:
        return ""
    return offered[weights.index(best)]


def media_for(field: str, offered: Sequence[str]) -> str:
    """Choose a media type by an Accept field (RFC 9110 section 12.5.1); empty when none will do.

    The most specific range that takes a type gives its weight. No field takes all.
    """
    if not field.strip():
        return offered[0]
    said = {wish.name: wish.weight for wish in reversed(wishes(field))}

    def weight(kind: str) -> float:
        for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
            if name in said:
                return said[name]
        return 0.0

    best = max(offered, key=weight)
    return best if weight(best) > 0 else ""
