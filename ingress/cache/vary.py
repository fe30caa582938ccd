"""Which stored answer a request selects: Vary and its normalisation (RFC 9111 section 4.1)."""

from collections.abc import Sequence
from typing import Final

from ingress.cache import control

Fields = Sequence[tuple[str, str]]

# Lists whose order says nothing (RFC 9110 section 12.5), and which compare without case.
_UNORDERED: Final = frozenset({"accept-language", "accept-encoding", "accept-charset"})
ANYTHING: Final = "*"


def names(fields: Fields) -> tuple[str, ...]:
    """Give the names that an answer's Vary lists, sorted; with ``*`` among them no request fits."""
    text = control.joined(fields, "vary")
    if not text:
        return ()
    return tuple(sorted({one.strip(" \t").lower() for one in text.split(",")} - {""}))


def values(fields: Fields, wanted: Sequence[str]) -> tuple[str, ...]:
    """Give what a request says in the fields that are wanted, normalised; empty for nothing."""
    said = dict.fromkeys(wanted, "")
    for name, value in fields:
        if name in said:
            said[name] = f"{said[name]},{value}" if said[name] else value
    return tuple(normal(name, value) for name, value in said.items())


def normal(name: str, value: str) -> str:
    """Write a value so that those which mean the same are the same."""
    if '"' in value:
        return value.strip(" \t")
    members = [one.strip(" \t") for one in value.split(",")]
    if name in _UNORDERED:
        members = sorted({one.lower().replace(" ", "") for one in members})
    return ",".join(one for one in members if one)
