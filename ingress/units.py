"""Durations, sizes and shares as people write them in a configuration file.

A unit is required: ``timeout: 5`` reads as seconds to one and milliseconds to
another. Each reader raises ``ValueError`` with a sentence that says what to
write instead; each writer gives the shortest text that reads back the same.
"""

import re
from typing import Final

DURATION_PATTERN: Final = r"^[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h|d)$"
SIZE_PATTERN: Final = r"^[0-9]{1,12}(B|KB|KiB|MB|MiB|GB|GiB)$"
SHARE_PATTERN: Final = r"^[0-9]{1,3}(\.[0-9]{1,4})?%$"

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_BYTES: Final = {
    "B": 1,
    "KB": 1000,
    "KiB": 1024,
    "MB": 1000**2,
    "MiB": 1024**2,
    "GB": 1000**3,
    "GiB": 1024**3,
}
_PERCENT: Final = 100


def duration(text: object) -> float:
    """Read ``250ms``, ``5s``, ``1.5m``, ``1h`` or ``7d``; gives seconds."""
    number, unit = _split(text, DURATION_PATTERN, "a duration", ("5s", "250ms", "1m", "7d"))
    # Rounded to the microsecond: 250 * 0.001 is not 0.25 in binary.
    return round(float(number) * _SECONDS[unit], 6)


def size(text: object) -> int:
    """Read ``512KB`` (decimal), ``1MiB`` (binary) or ``100B``; gives bytes."""
    number, unit = _split(text, SIZE_PATTERN, "a size", ("1MiB", "512KB", "100B"))
    return int(number) * _BYTES[unit]


def share(text: object) -> float:
    """Read ``50%`` or ``0.5%``; gives 0 to 1."""
    number, _ = _split(text, SHARE_PATTERN, "a share", ("50%", "2.5%"))
    if float(number) > _PERCENT:
        msg = "a share is at most 100%"
        raise ValueError(msg)
    return float(number) / _PERCENT


def write_duration(seconds: float) -> str:
    """Write seconds with the largest unit that needs no fraction."""
    if not seconds:
        return "0s"
    for unit in ("d", "h", "m", "s", "ms"):
        count = round(seconds / _SECONDS[unit], 9)
        if count >= 1 and count == int(count):
            return f"{int(count)}{unit}"
    return f"{seconds * 1000:.3f}".rstrip("0").rstrip(".") + "ms"


def write_size(count: int) -> str:
    """Write bytes with the largest unit that needs no fraction, binary first."""
    for unit in ("GiB", "MiB", "KiB", "GB", "MB", "KB"):
        if count and count % _BYTES[unit] == 0:
            return f"{count // _BYTES[unit]}{unit}"
    return f"{count}B"


def write_share(part: float) -> str:
    """Write 0 to 1 as a percentage."""
    return f"{round(part * _PERCENT, 4):g}%"


def _split(text: object, pattern: str, what: str, examples: tuple[str, ...]) -> tuple[str, str]:
    such_as = f"{', '.join(examples[:-1])} or {examples[-1]}"
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        msg = f"{what} needs its unit: {such_as}"
        raise ValueError(msg)  # noqa: TRY004 - one error for all that is written wrong
    if not isinstance(text, str) or not re.match(pattern, text, re.ASCII) or text.endswith("\n"):
        msg = f"{what} is written as {such_as}"
        raise ValueError(msg)
    number = text.rstrip("mshd%BKMGi")
    return number, text[len(number) :]
