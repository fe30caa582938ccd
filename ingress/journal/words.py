"""What people write when they look for records: ``15m ago``, ``5xx``, ``>=500``.

Each reader raises ``ValueError`` with a sentence that says what to write instead.
"""

import re
from datetime import datetime, time, timedelta
from typing import Final

from ingress import units
from ingress.journal.filter import Span
from ingress.journal.record import Pairs

_AGO: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?(?:ms|s|m|h|d))(?: +ago)?", re.ASCII)
_UNIX_MS: Final = re.compile(r"[0-9]{12,14}", re.ASCII)
_CLASS: Final = re.compile(r"([1-5])xx", re.ASCII | re.IGNORECASE)
_COMPARED: Final = re.compile(r"(>=|<=|>|<)([0-9]{1,3})", re.ASCII)
_RANGE: Final = re.compile(r"([0-9]{3})-([0-9]{3})", re.ASCII)
_ONE: Final = re.compile(r"[0-9]{3}", re.ASCII)
_LEAST, _MOST = 0, 999
_DAYS: Final = {"today": 0, "yesterday": 1}


def moment(text: str, now: int) -> int:
    """Read a moment; gives Unix milliseconds, as ``now`` is.

    ``15m`` or ``15m ago``, ``now``, ``today``, ``yesterday``, a time of today (``10:30``), a date
    or a date with a time as in ISO 8601, or Unix milliseconds. Without a zone it is local time.
    """
    words = " ".join(text.split()).lower()
    if words == "now":
        return now
    if found := _AGO.fullmatch(words):
        return now - round(units.duration(found[1]) * 1000)
    if _UNIX_MS.fullmatch(words):
        return int(words)
    try:
        return round(_datetime(text.strip(), words, now).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ValueError(
            "a moment is written 15m ago, 10:30, yesterday, 2026-01-31 or 2026-01-31T10:30:00Z"
        ) from None


def _datetime(text: str, words: str, now: int) -> datetime:
    today = datetime.fromtimestamp(now / 1000).astimezone()
    if words in _DAYS:
        day = today.date() - timedelta(days=_DAYS[words])
        return datetime.combine(day, time()).astimezone()
    if ":" in text and "-" not in text.split(":", 1)[0]:
        return datetime.combine(today.date(), time.fromisoformat(text)).astimezone()
    # Without a zone this takes that of the machine.
    return datetime.fromisoformat(text).astimezone()


def status(text: str) -> Span:
    """Read ``404``, ``5xx``, ``>=500`` or ``200-299``; gives the first status and the last."""
    words = text.replace(" ", "")
    if found := _CLASS.fullmatch(words):
        first = int(found[1]) * 100
        return first, first + 99
    if found := _COMPARED.fullmatch(words):
        bound = int(found[2])
        return {
            ">=": (bound, _MOST),
            ">": (bound + 1, _MOST),
            "<=": (_LEAST, bound),
            "<": (_LEAST, bound - 1),
        }[found[1]]
    if found := _RANGE.fullmatch(words):
        return int(found[1]), int(found[2])
    if _ONE.fullmatch(words):
        return int(words), int(words)
    raise ValueError("a status is written 404, 5xx, >=500 or 200-299")


def headers(texts: list[str]) -> Pairs:
    """Read ``NAME=VALUE`` texts; gives the names in lower case."""
    pairs = [text.partition("=") for text in texts]
    for name, equals, _ in pairs:
        if not name.strip() or not equals:
            raise ValueError("a header is written NAME=VALUE")
    return tuple((name.strip().lower(), value) for name, _, value in pairs)
