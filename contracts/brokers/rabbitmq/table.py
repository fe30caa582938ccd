"""Field tables, the headers of a message: bytes to values and back.

AMQP 0-9-1 section 4.2.5.5 with RabbitMQ's corrections (its page "AMQP 0-9-1
errata"): the types ``t b B s u I i L l f d D S A T F V x``, where RabbitMQ and
most clients take ``s`` for a signed 16-bit integer, ``l`` and ``L`` for a
signed 64-bit one. For the few strings and integers that calls carry it takes
a third to a half of pamqp's time to write, and two thirds to read.
"""

import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

# Section 4.2.5.5: the name of a field has at most 128 characters.
MAX_NAME: Final = 128
# Deeper than anything sane, and far from the end of Python's stack.
MAX_DEPTH: Final = 64

_INT: Final = struct.Struct(">i")
_LONG: Final = struct.Struct(">q")
_DOUBLE: Final = struct.Struct(">d")
_SIZE: Final = struct.Struct(">I")
_INT_RANGE: Final = range(-(2**31), 2**31)

Value = Any
Reader = Callable[[bytes, int, int], tuple[Value, int]]


def read_table(data: bytes, at: int, depth: int = 0) -> tuple[dict[str, Value], int]:
    """Read the table at ``at``; give it and the place behind it.

    Raises ``ValueError``, ``IndexError`` or ``struct.error`` for what is no
    table. A value that Python cannot hold (a date in the year 50000) is None.
    """
    (size,) = _SIZE.unpack_from(data, at)
    at += 4
    end = at + size
    if end > len(data):
        raise ValueError("a table ends before its end")
    found: dict[str, Value] = {}
    while at < end:
        start = at + 1
        at = start + data[at]
        name = _name(data[start:at])
        kind = data[at]
        # The two that calls carry, without a detour.
        if kind == _S:
            start = at + 5
            at = start + int.from_bytes(data[at + 1 : start])
            found[name] = read_text(data[start:at])
        elif kind == _L:
            found[name] = _LONG.unpack_from(data, at + 1)[0]
            at += 9
        else:
            found[name], at = _value(data, at, depth)
    if at != end:
        raise ValueError("a table whose fields do not fill it")
    return found, end


def write_table(table: Mapping[str, Value]) -> bytes:
    """Write a table.

    Raises ``TypeError``, ``ValueError`` or ``struct.error`` for what AMQP has
    no form for.
    """
    parts = [b""]
    for name, value in table.items():
        parts.append(_written_name(name))
        kind = type(value)
        if kind is str:
            text = value.encode()
            parts.append(b"S" + _SIZE.pack(len(text)) + text)
        elif kind is int:
            parts.append(_written_int(value))
        else:
            parts.append(_written(value))
    body = b"".join(parts)
    return _SIZE.pack(len(body)) + body


def write_headers(headers: Mapping[str, Value]) -> bytes:
    """Write a table, in a third of the time when all but its last field were written before.

    That is how the dialects order theirs: names and places first, and last the
    one number that is another for each call. Before them may be those of
    :data:`VARIED`. The number is written with 64 bits whatever it is. Raises as
    :func:`write_table`.
    """
    # By their types, since to a dict 1, True and 1.0 are one and the same.
    if not headers or not _PLAIN.issuperset(map(type, headers.values())):
        return write_table(headers)
    fields = tuple(headers.items())
    name, value = fields[-1]
    if type(value) is not int:
        return write_table(headers)
    if fields[0][0] in VARIED:
        return _with_varied(fields[:-1], name) + _LONG.pack(value)
    return _before(fields[:-1], name) + _LONG.pack(value)


VARIED: Final = frozenset({"x-replay", "traceparent"})
"""Names of fields whose text is another in each message that has them; they stand first."""


def _with_varied(fields: tuple[tuple[str, Value], ...], name: str) -> bytes:
    """Write all but the number of the last field, where the first ones are varied."""
    first, count = b"", 0
    for key, value in fields:
        if key not in VARIED or type(value) is not str:
            break
        text = value.encode()
        first += _written_name(key) + b"S" + _SIZE.pack(len(text)) + text
        count += 1
    rest = _before(fields[count:], name)
    return _SIZE.pack(len(first) + len(rest) + _LONG.size - _SIZE.size) + first + rest[_SIZE.size :]


_PLAIN: Final = frozenset({str, int})


@lru_cache(maxsize=1024)
def _before(fields: tuple[tuple[str, Value], ...], name: str) -> bytes:
    """Write all but the number of the last field."""
    start = write_table(dict(fields))[_SIZE.size :] + _written_name(name) + b"l"
    return _SIZE.pack(len(start) + _LONG.size) + start


_S, _L = b"Sl"


@lru_cache(maxsize=1024)
def _written_name(name: str) -> bytes:
    data = name.encode()
    if len(data) > MAX_NAME:
        raise ValueError(f"a header name is longer than {MAX_NAME} bytes")
    return bytes((len(data),)) + data


@lru_cache(maxsize=1024)
def _name(data: bytes) -> str:
    return data.decode(errors="replace")


def read_text(data: bytes) -> str | bytes:
    """Give a long string: text when it is UTF-8, else the bytes that it is."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _written_int(value: int) -> bytes:
    if value in _INT_RANGE:
        return b"I" + _INT.pack(value)
    return b"l" + _LONG.pack(value)


def _written(value: Value) -> bytes:  # noqa: C901, PLR0911 - one row a type
    if value is None:
        return b"V"
    if isinstance(value, bool):
        return b"t\x01" if value else b"t\x00"
    if isinstance(value, str):
        data = value.encode()
        return b"S" + _SIZE.pack(len(data)) + data
    if isinstance(value, int):
        return _written_int(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return b"x" + _SIZE.pack(len(value)) + bytes(value)
    if isinstance(value, float):
        return b"d" + _DOUBLE.pack(value)
    if isinstance(value, Mapping):
        return b"F" + write_table(value)
    if isinstance(value, list | tuple):
        items = b"".join(map(_written, value))
        return b"A" + _SIZE.pack(len(items)) + items
    if isinstance(value, datetime):
        return b"T" + struct.pack(">Q", int(value.timestamp()))
    if isinstance(value, Decimal):
        return _written_decimal(value)
    raise TypeError(f"a value of type {type(value).__name__}")


def _written_decimal(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise TypeError("a decimal that is no number")
    number = int("".join(map(str, digits))) * (10 ** max(0, exponent))
    return b"D" + struct.pack(">Bi", max(0, -exponent), -number if sign else number)


def _value(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    reader = _READERS.get(data[at])
    if reader is None:
        raise ValueError(f"a value of the unknown type {data[at : at + 1]!r}")
    return reader(data, at + 1, depth)


def _fixed(layout: str, turn: Callable[[Any], Value] | None = None) -> Reader:
    form = struct.Struct(">" + layout)

    def read(data: bytes, at: int, _depth: int) -> tuple[Value, int]:
        (value,) = form.unpack_from(data, at)
        return value if turn is None else turn(value), at + form.size

    return read


def _read_long_string(data: bytes, at: int, _depth: int) -> tuple[Value, int]:
    raw, at = _read_bytes(data, at, _depth)
    return read_text(raw), at


def _read_bytes(data: bytes, at: int, _depth: int) -> tuple[bytes, int]:
    (size,) = _SIZE.unpack_from(data, at)
    end = at + 4 + size
    if end > len(data):
        raise ValueError("a string ends before its end")
    return data[at + 4 : end], end


def _read_array(data: bytes, at: int, depth: int) -> tuple[list[Value], int]:
    (size,) = _SIZE.unpack_from(data, at)
    at += 4
    end = at + size
    if end > len(data):
        raise ValueError("an array ends before its end")
    items = []
    while at < end:
        item, at = _value(data, at, depth + 1)
        items.append(item)
    if at != end:
        raise ValueError("an array whose items do not fill it")
    return items, end


def _read_nested(data: bytes, at: int, depth: int) -> tuple[dict[str, Value], int]:
    return read_table(data, at, depth + 1)


def _read_decimal(data: bytes, at: int, _depth: int) -> tuple[Decimal, int]:
    scale, number = struct.unpack_from(">Bi", data, at)
    return Decimal(number).scaleb(-scale), at + 5


def _read_nothing(_data: bytes, at: int, _depth: int) -> tuple[None, int]:
    return None, at


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


_READERS: Final[Mapping[int, Reader]] = {
    ord("t"): _fixed("B", bool),
    ord("b"): _fixed("b"),
    ord("B"): _fixed("B"),
    ord("s"): _fixed("h"),
    ord("u"): _fixed("H"),
    ord("I"): _fixed("i"),
    ord("i"): _fixed("I"),
    ord("l"): _fixed("q"),
    ord("L"): _fixed("q"),
    ord("f"): _fixed("f"),
    ord("d"): _fixed("d"),
    ord("D"): _read_decimal,
    ord("S"): _read_long_string,
    ord("A"): _read_array,
    ord("T"): _fixed("Q", _moment),
    ord("F"): _read_nested,
    ord("V"): _read_nothing,
    ord("x"): _read_bytes,
}
