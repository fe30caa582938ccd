"""What people write to say which records they mean: moments, statuses, headers."""

import re
from datetime import datetime
from typing import Final

from ingress.journal.filter import Span
from ingress.journal.record import Pairs

_AGO: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|w)(?: +ago)?")
_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_STATUS: Final = re.compile(r"([1-5])xx|(>=|<=|>|<)?([0-9]{3})|([0-9]{3})-([0-9]{3})")
_LOWEST, _HIGHEST = 0, 999
_ISO_LENGTH: Final = 40


def moment(text: str, now: int) -> int:
    """Read ``15m``, ``15m ago``, ``now`` or an ISO 8601 time; gives Unix milliseconds.

    ``now`` is Unix milliseconds. A time without a zone is local, a date is its first moment.
    Raises ``ValueError``.
    """
    text = text.strip()
    if text == "now":
        return now
    found = _AGO.fullmatch(text)
    if found is not None:
        return now - round(float(found[1]) * _MS[found[2]])
    try:
        return round(datetime.fromisoformat(text[:_ISO_LENGTH]).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"a moment is written 15m, 2h ago, 2026-11-24 or 2026-11-24T08:30:00Z, not {text!r}"
        ) from None


def status(text: str) -> Span:
    """Read ``404``, ``5xx``, ``>=500`` or ``200-299``. Raises ``ValueError``."""
    found = _STATUS.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"a status is written 404, 5xx, >=500 or 200-299, not {text!r}")
    hundred, sign, number, first, last = found.groups()
    if hundred:
        return int(hundred) * 100, int(hundred) * 100 + 99
    if first:
        return int(first), int(last)
    one = int(number)
    return {
        None: (one, one),
        ">=": (one, _HIGHEST),
        ">": (one + 1, _HIGHEST),
        "<=": (_LOWEST, one),
        "<": (_LOWEST, one - 1),
    }[sign]


def headers(texts: list[str]) -> Pairs:
    """Read ``NAME=VALUE`` each. Raises ``ValueError``."""
    pairs = [text.partition("=") for text in texts]
    for text, (name, equals, _) in zip(texts, pairs, strict=True):
        if not name.strip() or not equals:
            raise ValueError(f"a header is written NAME=VALUE, not {text!r}")
    return tuple((name.strip().lower(), value) for name, _, value in pairs)
