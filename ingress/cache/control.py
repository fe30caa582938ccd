"""Reads Cache-Control (RFC 9111 section 5.2) and its targeted kin (RFC 9213)."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

# A directive's argument; None where it has none. Of two of one name the first counts.
Directives = Mapping[str, str | None]

NOTHING: Final[Directives] = MappingProxyType({})
# RFC 9111 section 1.2.2: a larger number may be taken for this one.
LONGEST: Final = 2**31
# Digits that make it larger than that, leading zeros and all that a sane number has.
_ENOUGH: Final = 18

_PARTS: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_DIGITS: Final = re.compile(r"[0-9]+")
# Members of an RFC 9651 dictionary, with the bare items that a directive may have.
_MEMBER: Final = re.compile(
    r"([a-z*][a-z0-9_.*-]*)"
    r'(?:=(-?[0-9]{1,15}(?:\.[0-9]{1,3})?|"(?:[ !#-\[\]-~]|\\["\\])*"'
    r"|[A-Za-z*][!#$%&'*+.^_`|~:/\w-]*|:[A-Za-z0-9+/=]*:|\?[01]))?"
    r"(?:;[ ]*[a-z*][a-z0-9_.*-]*(?:=[^;,\s]*)?)*"
    r"[ \t]*(?:,[ \t]*(?=.)|$)",
    re.ASCII,
)
_SECONDS: Final = frozenset({"max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"})


@lru_cache(maxsize=1024)
def parse(text: str) -> Directives:
    """Read the value of Cache-Control, several lines joined with commas."""
    found: dict[str, str | None] = {}
    for part in _PARTS.findall(text):
        name, equals, value = part.partition("=")
        name = name.strip(" \t")
        if not name:
            continue
        said = _argument(part, value) if equals else None
        name = name.lower()
        # Whatever else it says, one that is said without an argument is said of the whole.
        if name not in found or (said is None and name in {"no-cache", "private"}):
            found[name] = said
    return MappingProxyType(found)


def _argument(part: str, value: str) -> str:
    value = value.rstrip(" \t")
    if quoted := _QUOTED.fullmatch(value):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    # Space around "=" is not in the grammar: what is meant is anybody's guess, so nothing is.
    return "" if value[:1] in {" ", "\t"} or part.partition("=")[0][-1:] in {" ", "\t"} else value


@lru_cache(maxsize=256)
def parse_targeted(text: str) -> Directives | None:
    """Read a targeted field: a dictionary of RFC 9651; ``None`` if it is none, or empty."""
    found: dict[str, str | None] = {}
    at = 0
    text = text.strip(" ")
    while at < len(text):
        member = _MEMBER.match(text, at)
        if member is None:
            return None
        name, value = member[1], member[2]
        if name in _SECONDS and not (value and _DIGITS.fullmatch(value)):
            return None
        if value != "?0":
            found[name] = None if value in {None, "?1"} else value.strip('"')
        at = member.end()
    return MappingProxyType(found) if found else None


def effective(fields: Sequence[tuple[str, str]], targets: Sequence[str]) -> tuple[Directives, bool]:
    """Give the directives that hold for us, and whether they come from a targeted field.

    The first of ``targets`` that the answer has and that can be read holds alone (RFC 9213 section
    2.2): neither Cache-Control nor Expires is looked at then.
    """
    for name in targets:
        text = joined(fields, name)
        if text and (found := parse_targeted(text)) is not None:
            return found, True
    text = joined(fields, "cache-control")
    return (parse(text) if text else NOTHING), False


def seconds(directives: Directives, name: str) -> int | None:
    """Give a directive's number of seconds; 0 for one that cannot be read, ``None`` for none."""
    if name not in directives:
        return None
    text = directives[name] or ""
    # RFC 9111 section 4.2.1: freshness information that is invalid makes an answer stale.
    return min(int(text[:_ENOUGH]), LONGEST) if _DIGITS.fullmatch(text) else 0


def joined(fields: Sequence[tuple[str, str]], name: str) -> str:
    """Join the lines of a field whose value is a list (RFC 9110 section 5.3)."""
    values = [value for key, value in fields if key == name]
    return values[0] if len(values) == 1 else ", ".join(values)
