"""Reads HTTP dates: the three forms of RFC 9110 section 5.6.7, and nothing near them.

A date that is not exactly one of them is no date, so an answer whose ``Expires`` is one is stale.
Only letter case is forgiven, since nothing else could be meant.
"""

import calendar
import re
import time
from functools import lru_cache
from typing import Final

_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)})"
_TIME: Final = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DAY: Final = "(?:mon|tue|wed|thu|fri|sat|sun)"
_WEEKDAY: Final = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"{_DAY}, (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} gmt",
        rf"{_WEEKDAY}, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} gmt",
        rf"{_DAY} {_MONTH} (?P<day>\d\d| \d) {_TIME} (?P<year>\d{{4}})",
    )
)
_CENTURY: Final = 100
_HALF: Final = 50


@lru_cache(maxsize=512)
def parse(text: str) -> float | None:
    """Give the moment in Unix seconds; ``None`` for what is no HTTP date."""
    for form in _FORMS:
        if found := form.fullmatch(text):
            said = found.groupdict()
            year = int(said["year"])
            if len(said["year"]) == 2:  # noqa: PLR2004 - the form of RFC 850
                year = _full(year)
            month = _MONTHS.index(said["month"].lower()) + 1
            clock = int(said["hour"]), int(said["minute"]), int(said["second"])
            return _moment(year, month, int(said["day"]), *clock)
    return None


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> float | None:
    # 60 is a leap second.
    if not (1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60 and year):  # noqa: PLR2004
        return None
    return float(calendar.timegm((year, month, day, hour, minute, second)))


def _full(year: int) -> int:
    """A year that looks more than 50 years ahead is of the past century (section 5.6.7)."""
    now = time.gmtime().tm_year
    full = now - now % _CENTURY + year
    return full - _CENTURY if full > now + _HALF else full
