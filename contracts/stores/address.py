"""How a store's address is written."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

PATTERN: Final = r"^(memory://|sqlite:.|rediss?://|unix://)"

_LONGEST: Final = 60.0
_LEAST_BYTES: Final = 1024**2


def _seconds(text: str) -> float:
    value = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0
    if not 0 < value <= _LONGEST:
        raise ValueError(f"timeout is a number of seconds, up to {_LONGEST:g}")
    return value


def _bytes(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value < _LEAST_BYTES:
        raise ValueError(f"max_bytes is a number, at least {_LEAST_BYTES}")
    return value


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", text):
        raise ValueError("prefix is made of letters, digits and _ . : -, at most 64")
    return text


_FILE: Final[Mapping[str, Callable[[str], Any]]] = {"timeout": _seconds, "max_bytes": _bytes}
_REDIS: Final[Mapping[str, Callable[[str], Any]]] = {"timeout": _seconds, "prefix": _prefix}


def read(url: str) -> tuple[str, dict[str, Any]]:
    """Give the address without our settings, and the settings.

    Raises ``ValueError`` with a sentence; it never holds the password.
    """
    if not re.match(PATTERN, url):
        # Not what it begins with instead: that may be the password.
        raise ValueError("a store is memory://, sqlite:PATH, or begins with redis:// or rediss://")
    where, _, query = url.partition("?")
    redis = not where.startswith(("memory:", "sqlite:"))
    ours = _REDIS if redis else _FILE
    settings, others = {}, []
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name in ours:
            settings[name] = ours[name](text)
        elif redis:
            others.append((name, text))
        else:
            raise ValueError(f"a store in {where.partition(':')[0]} has no setting {name!r}")
    if redis:
        _check_redis(where)
    return f"{where}?{urlencode(others)}" if others else where, settings


def check(url: str) -> str:
    """Give the address back, or raise ``ValueError``."""
    read(url)
    return url


def _check_redis(where: str) -> None:
    try:
        parts = urlsplit(where)
        usable = parts.scheme == "unix" or (bool(parts.hostname) and parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("the URL has no usable host and port: redis://user:password@host:6379/0")
