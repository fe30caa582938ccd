"""Bytes to values and back: the one place that knows msgpack.

What may cross the wire is what JSON can carry, plus bytes in msgpack: null,
booleans, integers of 64 bits, finite floats, strings, lists, and maps with
string keys. No dates, no extension types, no pickle.

Unpacking is total: any bytes give a value or one Fault, and never more memory
or depth than the limits say (msgpack sizes its own buffers from the input, so
a length that promises more than is there fails at once).
"""

import math
from typing import Any, Literal

import msgpack
import msgspec

from contracts.fault import Fault

# Which side sent the bytes, and so whose fault it is when they are garbage.
Side = Literal["invalid_request", "bad_reply"]

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64

_ENCODER = msgspec.msgpack.Encoder()
_LEAVES = frozenset({str, int, bool, type(None)})
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


def pack(value: object) -> bytes:
    """Turn ``value`` into msgpack.

    Tuples become lists. Raises ``ValueError`` for what cannot cross the wire.
    """
    trouble = _trouble(value, MAX_DEPTH, binary=True)
    if trouble:
        raise ValueError(trouble)
    return pack_checked(value)


def pack_checked(value: object) -> bytes:
    """Turn ``value`` into msgpack without looking at it first.

    For records whose types are known. Raises ``ValueError`` for a string that
    is no Unicode (a lone surrogate) or an integer beyond 64 bits.
    """
    try:
        # The same bytes as msgpack's, in a third of the time.
        return _ENCODER.encode(value)
    except (TypeError, OverflowError) as error:
        raise ValueError(str(error)) from None


def unpack(
    data: bytes, *, side: Side, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> Any:  # noqa: ANN401 - whatever was packed
    """Turn msgpack into a value, or raise the Fault ``side``."""
    _check_size(data, side, max_bytes)
    try:
        # Ext types reach the hook; -1 (timestamp) does not and is refused below by its type.
        value = msgpack.unpackb(data, ext_hook=_refuse_extension)
    except (ValueError, TypeError, RecursionError, OverflowError, msgpack.UnpackException):
        raise Fault(side, "the body is not msgpack") from None
    trouble = _trouble(value, max_depth, binary=True)
    if trouble:
        raise Fault(side, trouble)
    return value


def pack_json(value: object) -> bytes:
    """Turn ``value`` into JSON (RFC 8259).

    Raises ``ValueError`` for what cannot cross the wire; bytes cannot.
    """
    trouble = _trouble(value, MAX_DEPTH, binary=False)
    if trouble:
        raise ValueError(trouble)
    return msgspec.json.encode(value)


def unpack_json(
    data: bytes, *, side: Side, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> Any:  # noqa: ANN401 - whatever was packed
    """Turn JSON into a value, or raise the Fault ``side``."""
    _check_size(data, side, max_bytes)
    try:
        value = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        raise Fault(side, "the body is not JSON") from None
    trouble = _trouble(value, max_depth, binary=False)
    if trouble:
        raise Fault(side, trouble)
    return value


def _check_size(data: bytes, side: Side, max_bytes: int) -> None:
    if len(data) > max_bytes:
        raise Fault(side, f"the message has {len(data)} bytes, more than {max_bytes}")


def _refuse_extension(code: int, _data: bytes) -> object:
    raise ValueError(f"extension type {code}")


def _trouble(value: object, max_depth: int, *, binary: bool) -> str:  # noqa: C901 - one walk
    """Say why ``value`` may not cross the wire; empty when it may.

    Level by level and not recursive, so that depth costs no stack.
    """
    level: list[Any] = [value]
    depth = 0
    while level:
        if depth > max_depth:
            return f"nested deeper than {max_depth}"
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind in _LEAVES:
                if kind is int and not _INT_MIN <= item <= _INT_MAX:
                    return "an integer beyond 64 bits"
            elif kind is dict:
                for key in item:
                    if type(key) is not str:
                        return "a map with a key that is no string"
                below.extend(item.values())
            elif kind is list or kind is tuple:
                below.extend(item)
            elif kind is float:
                if not math.isfinite(item):
                    return "a number that is not finite"
            elif not (binary and kind is bytes):
                return f"a value of type {kind.__name__}"
        level, depth = below, depth + 1
    return ""
