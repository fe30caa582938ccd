"""The properties of a message, as they stand in a content header, without I/O.

AMQP 0-9-1 section 4.2.6.1. What repeats is remembered as the bytes that it
was the last time; ``shapes`` does the same on the way in.
"""

import struct
from functools import lru_cache
from typing import Any, Final

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.table import read_table, write_headers

# A content header is class, weight, size of the body, flags, and then what the flags say.
HEAD: Final = struct.Struct(">HHQH")
_MOMENT: Final = struct.Struct(">Q")

_TRANSIENT, _PERSISTENT = b"\x01", b"\x02"

# The properties in their order, the first in the highest bit.
_CONTENT_TYPE, _ENCODING, _HEADERS, _MODE = 1 << 15, 1 << 14, 1 << 13, 1 << 12
_PRIORITY, _CORRELATION, _REPLY_TO, _EXPIRATION = 1 << 11, 1 << 10, 1 << 9, 1 << 8
_MESSAGE_ID, _TIMESTAMP, _TYPE, _USER = 1 << 7, 1 << 6, 1 << 5, 1 << 4
_APP = 1 << 3

_REMEMBERED: Final = 1024


def body_size(payload: bytes) -> int:
    """Give the size of the body that a content header announces."""
    size: int = HEAD.unpack_from(payload)[2]
    return size


def write_properties(message: Message) -> tuple[int, bytes]:
    """Give the flags, and what they say.

    Raises ``TypeError``, ``ValueError``, ``LookupError`` or ``struct.error``
    for what AMQP has no form for.
    """
    headers, correlation_id = message.headers, message.correlation_id
    expiration, message_id, moment = (
        message.expiration_ms,
        message.message_id,
        message.timestamp,
    )
    flags, first, second, reply_to, last = _constant(
        message.content_type,
        message.content_encoding,
        message.persistent,
        message.priority,
        message.reply_to,
        message.type,
        message.app_id,
    )
    data = first
    if headers:
        flags |= _HEADERS
        data += write_headers(headers)
    data += second
    if correlation_id:
        flags |= _CORRELATION
        text = correlation_id.encode()
        data += _OCTETS[len(text)] + text
    data += reply_to
    if expiration is not None:
        flags |= _EXPIRATION
        data += _number(expiration)
    if message_id:
        flags |= _MESSAGE_ID
        text = message_id.encode()
        data += _OCTETS[len(text)] + text
    if moment is not None:
        flags |= _TIMESTAMP
        data += _moment(moment)
    return flags, data + last


@lru_cache(_REMEMBERED)
def _constant(
    content_type: str,
    encoding: str,
    persistent: bool,  # noqa: FBT001 - as above
    priority: int | None,
    reply_to: str,
    kind: str,
    app_id: str,
) -> tuple[int, bytes, bytes, bytes, bytes]:
    """Write what is the same in all messages of one kind: flags, and what stands between the rest.

    A gateway has one reply queue, a worker few gateways: nearly always a hit.
    """
    flags = _MODE
    first = second = third = last = b""
    if content_type:
        flags, first = flags | _CONTENT_TYPE, _word(content_type)
    if encoding:
        flags, first = flags | _ENCODING, first + _word(encoding)
    second = _PERSISTENT if persistent else _TRANSIENT
    if priority is not None:
        flags, second = flags | _PRIORITY, second + _OCTETS[priority]
    if reply_to:
        flags, third = flags | _REPLY_TO, _word(reply_to)
    if kind:
        flags, last = flags | _TYPE, _word(kind)
    if app_id:
        flags, last = flags | _APP, last + _word(app_id)
    return flags, first, second, third, last


# Each octet by its number; there is none for what is below 0 or above 255.
_OCTETS: Final = {number: bytes((number,)) for number in range(256)}


@lru_cache(_REMEMBERED)
def _word(value: str) -> bytes:
    """Write a short string of which a program has few: types, queues, names."""
    data = value.encode()
    return _OCTETS[len(data)] + data


@lru_cache(_REMEMBERED)
def _number(value: int) -> bytes:
    return _word(str(max(0, value)))


@lru_cache(_REMEMBERED)
def _moment(seconds: int) -> bytes:
    return _MOMENT.pack(seconds)


def read_properties(payload: bytes, body: bytes) -> Message:  # noqa: C901, PLR0912 - one row a property
    """Give the message of a content header and a body.

    Raises ``IndexError`` or ``struct.error`` for a header that ends too soon.
    """
    flags = HEAD.unpack_from(payload)[3]
    at = HEAD.size
    fields: dict[str, Any] = {"body": body}
    if flags & _CONTENT_TYPE:
        fields["content_type"], at = _text(payload, at)
    if flags & _ENCODING:
        fields["content_encoding"], at = _text(payload, at)
    if flags & _HEADERS:
        fields["headers"], at = _headers(payload, at)
    if flags & _MODE:
        # False is what a Message has without it.
        if payload[at] == _PERSISTENT[0]:
            fields["persistent"] = True
        at += 1
    if flags & _PRIORITY:
        fields["priority"], at = payload[at], at + 1
    if flags & _CORRELATION:
        fields["correlation_id"], at = _text(payload, at)
    if flags & _REPLY_TO:
        fields["reply_to"], at = _text(payload, at)
    if flags & _EXPIRATION:
        life, at = _text(payload, at)
        if life.isascii() and life.isdigit():
            fields["expiration_ms"] = int(life)
    if flags & _MESSAGE_ID:
        fields["message_id"], at = _text(payload, at)
    if flags & _TIMESTAMP:
        # Not as a datetime: some clients send milliseconds, and the year 50000 is no datetime.
        fields["timestamp"], at = _MOMENT.unpack_from(payload, at)[0], at + 8
    if flags & _TYPE:
        fields["type"], at = _text(payload, at)
    if flags & _USER:
        _, at = _text(payload, at)
    if flags & _APP:
        fields["app_id"], at = _text(payload, at)
    return Message(**fields)


def _text(payload: bytes, at: int) -> tuple[str, int]:
    start = at + 1
    end = start + payload[at]
    # What is no UTF-8 was not written by us; it must still be settled by somebody.
    return payload[start:end].decode("utf-8", "replace"), end


def _headers(payload: bytes, at: int) -> tuple[dict[str, Any], int]:
    try:
        return read_table(payload, at)
    except (ValueError, IndexError, OverflowError, struct.error):
        # Whatever it is, its message must still be settled by somebody.
        return {}, at + 4 + int.from_bytes(payload[at : at + 4])
