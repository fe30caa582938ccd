"""Values that a test leaves open: moments relative to now, and places relative to its URL."""

import time
from email.utils import formatdate
from typing import Any

_DATES = frozenset({"date", "expires", "last-modified", "if-modified-since", "if-unmodified-since"})
_PLACES = frozenset({"location", "content-location"})
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def fixed(header: list[Any], now: float, base: str, request: dict[str, Any]) -> str:
    """Give the value of ``[name, value, ...]`` as it goes over the wire; ``now`` in Unix seconds.

    A value that was fixed before is kept: what a later request is held against is what was sent.
    """
    name, value = header[0].lower(), header[1]
    if name in _DATES and isinstance(value, int):
        moment = now + value
        if name in request.get("rfc850date", []):
            value = _rfc850(moment)
        else:
            value = formatdate(int(moment), usegmt=True)
    elif name in _PLACES and request.get("magic_locations"):
        value = f"{base}/{value}" if value else base
    elif isinstance(value, list):
        value = ", ".join(value)
    header[1] = str(value)
    return str(value)


def _rfc850(moment: float) -> str:
    at = time.gmtime(moment)
    day = f"{at.tm_mday:02}-{_MONTHS[at.tm_mon - 1]}-{at.tm_year % 100:02}"
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{_DAYS[at.tm_wday]}, {day} {clock} GMT"
