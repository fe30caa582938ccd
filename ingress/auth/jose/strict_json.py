"""JSON from strangers, read so that no two readers could read it differently (RFC 8725, 2.4).

Refused is what some readers take and others do not: a name twice, NaN and Infinity, numbers past
the range of a double, other encodings than UTF-8, halves of surrogate pairs, great depth.
"""

import json
import math
from collections.abc import Iterable
from typing import Any, Final

MAX_DEPTH: Final = 16


def read_object(data: bytes) -> dict[str, Any]:
    """Read an object. Raises ``ValueError`` for all else, with no part of the data in its text."""
    try:
        # As text: given bytes, Python would guess among UTF-8, 16 and 32.
        value = _DECODER.decode(data.decode())
    except (ValueError, RecursionError):
        raise ValueError("this is not JSON, or ambiguous") from None
    if not isinstance(value, dict):
        raise ValueError("this is not a JSON object")  # noqa: TRY004 - one error for all
    _check(value, MAX_DEPTH)
    return value


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        # A lone surrogate cannot be encoded; a UnicodeEncodeError is a ValueError.
        value.encode()
    elif isinstance(value, (dict, list)):
        if not depth:
            raise ValueError("this is nested too deeply")
        inner: Iterable[object] = [*value, *value.values()] if isinstance(value, dict) else value
        for one in inner:
            _check(one, depth - 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _no_constant(_name: str) -> None:
    raise ValueError("this is no JSON number")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=_finite, parse_constant=_no_constant
)
