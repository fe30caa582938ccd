"""AMQP 0-9-1 content frames to bytes and back, without I/O.

Only the methods of the hot path; aiormq speaks all others. The layout is that
of the specification's section 4.2.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from contracts.brokers.limits import check
from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.properties import HEAD, write_properties
from contracts.fault import Fault

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
# Not on the wire: method, header and body of one message, which came together.
CONTENT: Final = 0
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

# What writing raises for what AMQP has no form for.
_UNFIT: Final = (
    TypeError,
    ValueError,
    OverflowError,
    LookupError,
    AttributeError,
    struct.error,
)

FRAME_HEAD: Final = struct.Struct(">BHI")
_TAG: Final = struct.Struct(">QB")
_CODE: Final = struct.Struct(">H")
_LONG: Final = struct.Struct(">Q")
_PUBLISH: Final = struct.Struct(">BHI4sH")
_SETTLE: Final = struct.Struct(">BHI4sQB")
# Frame head, class, weight, size of the body, flags.
_CONTENT: Final = struct.Struct(">BHIHHQH")


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
        flags, properties = write_properties(message)
    except _UNFIT as error:
        # Mostly a text that is too long; this says which.
        check(message, routing_key)
        raise Fault("invalid_request", f"AMQP cannot carry this message: {error}") from None
    body = message.body
    size = len(body)
    header = _CONTENT.pack(HEADER, channel, 14 + len(properties), BASIC_CLASS, 0, size, flags)
    most = frame_max - OVERHEAD if frame_max else size
    if 0 < size <= most:
        head = FRAME_HEAD.pack(BODY, channel, size)
        return b"".join((method, header, properties, END, head, body, END))
    return b"".join((method, header, properties, END, *_body_frames(body, channel, most)))


def content_header(message: Message, routing_key: str) -> bytes:
    """Give the payload of a message's content header.

    Raises Fault ``invalid_request`` for what AMQP cannot carry.
    """
    try:
        flags, properties = write_properties(message)
    except _UNFIT as error:
        check(message, routing_key)
        raise Fault("invalid_request", f"AMQP cannot carry this message: {error}") from None
    return HEAD.pack(BASIC_CLASS, 0, len(message.body), flags) + properties


def publish_content(
    header: bytes, body: bytes, *, channel: int, routing_key: str, mandatory: bool, frame_max: int
) -> bytes:
    """Give the frames that publish a message to a queue, from its content header's payload."""
    method = _publish_method(channel, "", routing_key, mandatory)
    head = FRAME_HEAD.pack(HEADER, channel, len(header))
    most = frame_max - OVERHEAD if frame_max else len(body)
    return b"".join((method, head, header, END, *_body_frames(body, channel, most)))


def _body_frames(body: bytes, channel: int, most: int) -> Iterator[bytes]:
    """Cut a body into frames of at most ``most`` bytes of it."""
    for start in range(0, len(body), most or 1):
        piece = body[start : start + most]
        yield from (FRAME_HEAD.pack(BODY, channel, len(piece)), piece, END)


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


@lru_cache(maxsize=1024)
def _publish_method(channel: int, exchange: str, routing_key: str, mandatory: bool) -> bytes:  # noqa: FBT001 - lru_cache is quicker with positions
    # A gateway has few queues and a worker few reply queues: nearly always a hit.
    address = _write_short(exchange) + _write_short(routing_key)
    size = 4 + 2 + len(address) + 1
    head = _PUBLISH.pack(METHOD, channel, size, BASIC_PUBLISH, 0)
    return head + address + (b"\x01" if mandatory else b"\x00") + END


def _write_short(value: str) -> bytes:
    data = value.encode()
    return bytes((len(data),)) + data


def _short(payload: bytes, at: int) -> tuple[str, int]:
    start = at + 1
    end = start + payload[at]
    return payload[start:end].decode(errors="replace"), end
