"""AMQP 0-9-1 content frames to bytes and back, without I/O.

Only the methods of the hot path; aiormq speaks all others. The layout is that
of the specification's section 4.2.
"""

import struct
from functools import lru_cache
from typing import Any, Final

from contracts.brokers.limits import check
from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.table import read_table, write_table
from contracts.fault import Fault

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
END: Final = b"\xce"
HEARTBEAT_FRAME: Final = b"\x08\x00\x00\x00\x00\x00\x00\xce"
# Type, channel and size before, the end mark after.
OVERHEAD: Final = 8

# Class and method as they stand at the head of a method frame: compared, never taken apart.
Method = bytes


# What reading raises for a number that is not there whole.
StructError = struct.error


class ProtocolError(ValueError):
    """The other end sent what AMQP does not allow; the message says what."""


CONNECTION_CLOSE: Final[Method] = b"\x00\x0a\x00\x32"  # 10, 50
CONNECTION_BLOCKED: Final[Method] = b"\x00\x0a\x00\x3c"  # 10, 60
CONNECTION_UNBLOCKED: Final[Method] = b"\x00\x0a\x00\x3d"  # 10, 61
CHANNEL_CLOSE: Final[Method] = b"\x00\x14\x00\x28"  # 20, 40
BASIC_CANCEL: Final[Method] = b"\x00\x3c\x00\x1e"  # 60, 30
BASIC_PUBLISH: Final[Method] = b"\x00\x3c\x00\x28"  # 60, 40
BASIC_RETURN: Final[Method] = b"\x00\x3c\x00\x32"  # 60, 50
BASIC_DELIVER: Final[Method] = b"\x00\x3c\x00\x3c"  # 60, 60
BASIC_ACK: Final[Method] = b"\x00\x3c\x00\x50"  # 60, 80
BASIC_REJECT: Final[Method] = b"\x00\x3c\x00\x5a"  # 60, 90
BASIC_NACK: Final[Method] = b"\x00\x3c\x00\x78"  # 60, 120

BASIC_CLASS: Final = 60

FRAME_HEAD: Final = struct.Struct(">BHI")
_TAG: Final = struct.Struct(">QB")
_CODE: Final = struct.Struct(">H")
_LONG: Final = struct.Struct(">Q")
_PUBLISH: Final = struct.Struct(">BHI4sH")
_SETTLE: Final = struct.Struct(">BHI4sQB")
_CONTENT: Final = struct.Struct(">HHQH")

_TRANSIENT, _PERSISTENT = b"\x01", b"\x02"

# Section 4.2.6.1: the properties in their order, the first in the highest bit.
_CONTENT_TYPE, _ENCODING, _HEADERS, _MODE = 1 << 15, 1 << 14, 1 << 13, 1 << 12
_PRIORITY, _CORRELATION, _REPLY_TO, _EXPIRATION = 1 << 11, 1 << 10, 1 << 9, 1 << 8
_MESSAGE_ID, _TIMESTAMP, _TYPE, _USER = 1 << 7, 1 << 6, 1 << 5, 1 << 4
_APP = 1 << 3


def publish(
    message: Message,
    *,
    channel: int,
    exchange: str,
    routing_key: str,
    mandatory: bool,
    frame_max: int,
) -> bytes:
    """Give the frames that publish ``message``, as one piece.

    Raises Fault ``invalid_request`` for what AMQP cannot carry.
    """
    try:
        method = _publish_method(channel, exchange, routing_key, mandatory)
        properties = _content_header(message)
    except (
        TypeError,
        ValueError,
        OverflowError,
        IndexError,
        AttributeError,
        struct.error,
    ) as error:
        # Mostly a text that is too long; this says which.
        check(message, routing_key)
        raise Fault("invalid_request", f"AMQP cannot carry this message: {error}") from None
    head = FRAME_HEAD.pack
    body = message.body
    size = len(body)
    most = frame_max - OVERHEAD if frame_max else size
    if 0 < size <= most:
        return b"".join(
            (
                method,
                head(HEADER, channel, len(properties)),
                properties,
                END,
                head(BODY, channel, size),
                body,
                END,
            )
        )
    pieces = [method, head(HEADER, channel, len(properties)), properties, END]
    for start in range(0, size, most or 1):
        piece = body[start : start + most]
        pieces += (FRAME_HEAD.pack(BODY, channel, len(piece)), piece, END)
    return b"".join(pieces)


def ack(channel: int, tag: int, *, multiple: bool = False) -> bytes:
    """Give the frame that acknowledges one delivery, or all up to it (``multiple``)."""
    return _SETTLE.pack(METHOD, channel, 13, BASIC_ACK, tag, multiple) + END


def reject(channel: int, tag: int, *, requeue: bool) -> bytes:
    """Give the frame that rejects one delivery."""
    return _SETTLE.pack(METHOD, channel, 13, BASIC_REJECT, tag, requeue) + END


def read_deliver(payload: bytes) -> tuple[int, bool]:
    """Give delivery tag and redelivered flag of a basic.deliver."""
    tag, redelivered = _TAG.unpack_from(payload, 5 + payload[4])
    return tag, bool(redelivered & 1)


def read_return(payload: bytes) -> tuple[str, str]:
    """Give exchange and routing key of a basic.return."""
    _, at = _short(payload, 6)
    exchange, at = _short(payload, at)
    routing_key, _ = _short(payload, at)
    return exchange, routing_key


def read_confirm(payload: bytes) -> tuple[int, bool]:
    """Give delivery tag and "multiple" of a basic.ack or basic.nack."""
    tag, bits = _TAG.unpack_from(payload, 4)
    return tag, bool(bits & 1)


def read_close(payload: bytes) -> str:
    """Give the reason of a channel.close or connection.close."""
    return _short(payload, 6)[0]


def read_blocked(payload: bytes) -> str:
    """Give the reason of a connection.blocked."""
    return _short(payload, 4)[0]


def read_header(payload: bytes) -> tuple[int, dict[str, Any]]:  # noqa: C901, PLR0912 - one row a property
    """Give the size of the body and the fields of the Message."""
    _, _, size, flags = _CONTENT.unpack_from(payload)
    at = _CONTENT.size
    fields: dict[str, Any] = {}
    if flags & _CONTENT_TYPE:
        fields["content_type"], at = _word(payload, at)
    if flags & _ENCODING:
        fields["content_encoding"], at = _word(payload, at)
    if flags & _HEADERS:
        fields["headers"], at = _table(payload, at)
    if flags & _MODE:
        # False is what a Message has without it.
        if payload[at] == _PERSISTENT[0]:
            fields["persistent"] = True
        at += 1
    if flags & _PRIORITY:
        fields["priority"], at = payload[at], at + 1
    if flags & _CORRELATION:
        fields["correlation_id"], at = _short(payload, at)
    if flags & _REPLY_TO:
        fields["reply_to"], at = _word(payload, at)
    if flags & _EXPIRATION:
        life, at = _short(payload, at)
        if life.isascii() and life.isdigit():
            fields["expiration_ms"] = int(life)
    if flags & _MESSAGE_ID:
        fields["message_id"], at = _short(payload, at)
    if flags & _TIMESTAMP:
        # Not as a datetime: some clients send milliseconds, and the year 50000 is no datetime.
        (fields["timestamp"],), at = _LONG.unpack_from(payload, at), at + 8
    if flags & _TYPE:
        fields["type"], at = _word(payload, at)
    if flags & _USER:
        _, at = _short(payload, at)
    if flags & _APP:
        fields["app_id"], at = _word(payload, at)
    return size, fields


@lru_cache(maxsize=1024)
def _publish_method(channel: int, exchange: str, routing_key: str, mandatory: bool) -> bytes:  # noqa: FBT001 - lru_cache is quicker with positions
    # A gateway has few queues and a worker few reply queues: nearly always a hit.
    address = _write_short(exchange) + _write_short(routing_key)
    size = 4 + 2 + len(address) + 1
    head = _PUBLISH.pack(METHOD, channel, size, BASIC_PUBLISH, 0)
    return head + address + (b"\x01" if mandatory else b"\x00") + END


def _content_header(message: Message) -> bytes:  # noqa: C901 - one row a property
    flags = _MODE
    parts = [b""]
    if message.content_type:
        flags |= _CONTENT_TYPE
        parts.append(_write_word(message.content_type))
    if message.content_encoding:
        flags |= _ENCODING
        parts.append(_write_word(message.content_encoding))
    if message.headers:
        flags |= _HEADERS
        parts.append(write_table(message.headers))
    parts.append(_PERSISTENT if message.persistent else _TRANSIENT)
    if message.priority is not None:
        flags |= _PRIORITY
        parts.append(bytes((message.priority,)))
    if message.correlation_id:
        flags |= _CORRELATION
        parts.append(_write_short(message.correlation_id))
    if message.reply_to:
        flags |= _REPLY_TO
        parts.append(_write_word(message.reply_to))
    if message.expiration_ms is not None:
        flags |= _EXPIRATION
        parts.append(_write_short(str(max(0, message.expiration_ms))))
    if message.message_id:
        flags |= _MESSAGE_ID
        parts.append(_write_short(message.message_id))
    if message.timestamp is not None:
        flags |= _TIMESTAMP
        parts.append(_LONG.pack(message.timestamp))
    if message.type:
        flags |= _TYPE
        parts.append(_write_word(message.type))
    if message.app_id:
        flags |= _APP
        parts.append(_write_word(message.app_id))
    parts[0] = _CONTENT.pack(BASIC_CLASS, 0, len(message.body), flags)
    return b"".join(parts)


# The length octet of a short string; there is none for 256 bytes and more.
_LENGTHS: Final = tuple(bytes((size,)) for size in range(256))


def _write_short(value: str) -> bytes:
    data = value.encode()
    return _LENGTHS[len(data)] + data


# Words are short strings of which a program has few: types, queues, names.
_write_word = lru_cache(maxsize=1024)(_write_short)


def _short(payload: bytes, at: int) -> tuple[str, int]:
    start = at + 1
    end = start + payload[at]
    # What is no UTF-8 was not written by us; it must still be settled by somebody.
    return payload[start:end].decode(errors="replace"), end


@lru_cache(maxsize=1024)
def _known_word(data: bytes) -> str:
    return data.decode(errors="replace")


def _word(payload: bytes, at: int) -> tuple[str, int]:
    start = at + 1
    end = start + payload[at]
    return _known_word(payload[start:end]), end


def _table(payload: bytes, at: int) -> tuple[dict[str, Any], int]:
    try:
        return read_table(payload, at)
    except (ValueError, IndexError, OverflowError, struct.error):
        # Whatever it is, its message must still be settled by somebody.
        return {}, at + 4 + int.from_bytes(payload[at : at + 4])
