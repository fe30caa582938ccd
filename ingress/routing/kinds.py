"""The kinds of path parameters: ``{id:int}``, ``{id:uuid}``, ``{day:date}``, ``{name:slug}``.

A small set instead of regular expressions: whoever reads the route file sees at once what a
segment may be, two kinds can be ordered, and no pattern takes exponential time. A value stays the
text that came; a kind only says whether the route takes it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

_INT: Final = re.compile(r"-?[0-9]{1,18}")
# RFC 9562 section 4, in either case.
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# RFC 3339 section 5.6, full-date.
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*+")


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


Check = Callable[[str], object]

# The more precise first: a date is a slug too, and a number may be one.
CHECKS: Final[Mapping[str, Check]] = {
    "uuid": _UUID.fullmatch,
    "date": _is_date,
    "int": _INT.fullmatch,
    "slug": _SLUG.fullmatch,
}
"""Whether a segment, percent-decoded, is of a kind; in the order in which they are asked."""

NAMES: Final = tuple(CHECKS)
