"""Reading what strangers wrote: one typed look at one field each.

Both dialects read maps and headers that anybody may have sent. These give the
value when it has the right type and shape, and raise ``Malformed`` when not;
the dialect turns that into its Fault.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

LOWEST_STATUS: Final = 200
HIGHEST_STATUS: Final = 599

Pairs = tuple[tuple[str, str], ...]

# RFC 9110 section 5.6.2 (token), lower case as HTTP/2 wants it.
_TOKEN = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
# RFC 9110 section 5.5: what would let a value end its line is refused.
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Malformed(ValueError):
    """A field is not what the wire contract says."""


def text(record: Mapping[str, Any], name: str, default: str = "") -> str:
    """Give a string field."""
    value = record.get(name, default)
    if type(value) is not str:
        raise Malformed(f"{name} is not a string")
    return value


def number(record: Mapping[str, Any], name: str, default: int = 0) -> int:
    """Give a field that is an integer, not negative."""
    value = record.get(name, default)
    if type(value) is not int or value < 0:
        raise Malformed(f"{name} is not a non-negative integer")
    return value


def status(value: object) -> int:
    """Check a final HTTP status code; 1xx is none (RFC 9110 section 15.2)."""
    if type(value) is not int or not LOWEST_STATUS <= value <= HIGHEST_STATUS:
        raise Malformed("the status is not an integer from 200 to 599")
    return value


def texts(record: Mapping[str, Any], name: str) -> dict[str, str]:
    """Give a field that maps strings to strings."""
    value = record.get(name)
    if value is None:
        return {}
    if type(value) is not dict or not all(type(item) is str for item in value.values()):
        raise Malformed(f"{name} is not a map of strings")
    return value


def words(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Give a field that is a list of strings."""
    value = record.get(name, [])
    if type(value) is not list or not all(type(item) is str for item in value):
        raise Malformed(f"{name} is not a list of strings")
    return tuple(value)


def pairs(record: Mapping[str, Any], name: str) -> Pairs:
    """Give a field of HTTP headers: a list of [name, value] pairs."""
    value = record.get(name)
    if value is None:
        return ()
    if type(value) is not list:
        raise Malformed(f"{name} is not a list")
    return tuple([header(*item) if is_pair(item) else _not_a_pair(name) for item in value])


def is_pair(item: object) -> bool:
    """Tell whether an item is a list of two."""
    return type(item) is list and len(item) == 2  # noqa: PLR2004 - a pair


def checked(headers: Pairs) -> Pairs:
    """Check HTTP headers that are known to be pairs of strings."""
    for name, value in headers:
        # Most names were met before, and most values can be printed.
        if name not in _NAMES or not value.isprintable():
            return tuple([header(*one) for one in headers])
    return headers


def header(name: object, value: object) -> tuple[str, str]:
    """Check one HTTP header; the name comes back in lower case.

    A value with a line break in it would be two headers: response splitting.
    """
    if type(name) is not str or type(value) is not str:
        raise Malformed("a header is not a pair of strings")
    lower = _header_name(name)
    # What can be printed has no control characters in it: most values need no search.
    if not lower or (not value.isprintable() and _UNSAFE.search(value)):
        raise Malformed("a header has characters that HTTP does not allow")
    return lower, value


# Names in lower case that were checked. There are few; whoever invents more gains nothing.
_NAMES: Final[set[str]] = set()
_MOST_NAMES: Final = 1024


def _header_name(name: str) -> str:
    """Give a header's name in lower case, or nothing when it is none."""
    if name in _NAMES:
        return name
    lower = name.lower()
    if not _TOKEN.fullmatch(lower):
        return ""
    if len(_NAMES) < _MOST_NAMES:
        _NAMES.add(lower)
    return lower


def optional_number(headers: Mapping[str, Any], name: str) -> int | None:
    """Give an AMQP header that is a non-negative integer, else ``None``.

    For what is only measured: nonsense there spoils no answer.
    """
    value = headers.get(name)
    return value if type(value) is int and value >= 0 else None


def _not_a_pair(name: str) -> tuple[str, str]:
    raise Malformed(f"{name} holds something that is no pair")
