"""Reading properties by the shape that they had before.

What one sender sends looks alike: of the properties of a call the same few
differ each time, and mostly have the same lengths. So the shape of a header is
remembered, by the bytes of its content type and of its headers up to the last
one's number; the next header of that shape is taken apart by one ``struct``,
in a third of the time that it takes field by field. Headers that are another
text each time stand before the others, and are stepped over. What has no shape,
or not the one it seemed to have, is read the long way (``properties``).
"""

import struct
from collections.abc import Callable
from typing import Any, Final

import msgspec

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.table import VARIED, read_text

MAX_SHAPES: Final = 256
# A new shape is learned each so many times that one was met: learning costs more than reading, and
# there are senders of whom no two messages look alike.
LEARN_EACH: Final = 8

# Places in a content header (AMQP 0-9-1 section 4.2.6.1): the flags, and what they speak of.
_FLAGS, _FIRST = 12, 14
# In the first octet of the flags: content type, encoding, headers, mode, priority, correlation id,
# reply-to, expiration; in the second: message id, timestamp, and then what is a word.
_TYPED, _ENCODED, _TABLED, _MODED, _PRIOR, _CORRELATED, _REPLIED, _LIMITED = (
    128 >> bit for bit in range(8)
)
_NAMED, _TIMED = 128, 64
_VARIED: Final = {name.encode(): name for name in VARIED}
_TEXT: Final = ord("S")
_SIZE: Final = struct.Struct(">I")
_NUMBER: Final = struct.Struct(">q")


class ShapesReader:
    """Reads content headers into messages, the faster the more alike they are."""

    __slots__ = ("_met", "_shapes")

    def __init__(self) -> None:
        self._shapes: dict[bytes, _Shape] = {}
        self._met = 0

    def __repr__(self) -> str:
        return f"<ShapesReader {len(self._shapes)} shapes>"

    def read(self, payload: bytes, body: bytes) -> Message:
        """Give the message of a content header and a body.

        Raises ``IndexError`` or ``struct.error`` for a header that ends too soon.
        """
        if payload[_FLAGS] & (_TYPED | _ENCODED | _TABLED) == _TYPED | _TABLED:
            table = payload[_FIRST] + _FIRST + 1
            end = table + 4 + _SIZE.unpack_from(payload, table)[0]
            shape = self._shapes.get(payload[_FLAGS : end - 8])
            if shape is not None and len(payload) == shape.size:
                message = shape.read(payload, end - 8, body)
                if message is not None:
                    return message
            taken, rest = _without_varied(payload, table, end)
            if taken:
                message = self.read(rest, body)
                # There are none when the table was none: then it is read as a whole, below.
                if message.headers:
                    headers = {**taken, **message.headers}
                    return msgspec.structs.replace(message, headers=headers)
        message = read_properties(payload, body)
        self._met += 1
        if not self._met % LEARN_EACH:
            self._learn(payload, message)
        return message

    def _learn(self, payload: bytes, message: Message) -> None:
        found = _shape_of(payload, message)
        if found is not None:
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            key, shape = found
            self._shapes[key] = shape


class _Shape(msgspec.Struct, frozen=True):
    """Where things stand in a header behind its headers, and what is the same each time."""

    size: int
    take_apart: Callable[[bytes, int], tuple[Any, ...]]
    constant: tuple[bytes, ...]
    name: str
    like: Message

    def read(self, payload: bytes, at: int, body: bytes) -> Message | None:
        """Give the message, or ``None`` when the header has another shape after all."""
        number, one, correlation, two, life, three, message_id, moment, four = self.take_apart(
            payload, at
        )
        if (one, two, three, four) != self.constant:
            return None
        like = self.like
        return Message(
            body=body,
            headers={**like.headers, self.name: number},
            content_type=like.content_type,
            type=like.type,
            correlation_id=correlation.decode("utf-8", "replace"),
            reply_to=like.reply_to,
            message_id=message_id.decode("utf-8", "replace"),
            app_id=like.app_id,
            timestamp=None if moment == b"" else moment,
            expiration_ms=int(life) if life.isdigit() else None,
            priority=like.priority,
            persistent=like.persistent,
        )


def _without_varied(payload: bytes, table: int, end: int) -> tuple[dict[str, Any], bytes]:
    """Give the varied fields that begin the table, and the content header without them."""
    at, taken = table + 4, dict[str, Any]()
    while at < end <= len(payload):
        stop = at + 1 + payload[at]
        name = _VARIED.get(payload[at + 1 : stop])
        start = stop + 5
        if name is None or start > end or payload[stop] != _TEXT:
            break
        at = start + _SIZE.unpack_from(payload, stop + 1)[0]
        taken[name] = read_text(payload[start:at])
    if not taken or at > end:
        return {}, payload
    return taken, payload[:table] + _SIZE.pack(end - at) + payload[at:]


def _shape_of(payload: bytes, message: Message) -> tuple[bytes, _Shape] | None:
    """Learn the shape of a header that was read, and what to know it by; ``None``: it has none."""
    first, second = payload[_FLAGS], payload[_FLAGS + 1]
    usual = _TYPED | _TABLED | _MODED | _CORRELATED
    if first & (usual | _ENCODED) != usual or not message.headers:
        return None
    table = payload[_FIRST] + _FIRST + 1
    end = table + 4 + _SIZE.unpack_from(payload, table)[0]
    name = list(message.headers)[-1]
    if not _ends_with_number(payload[table + 4 : end], name, message.headers[name]):
        return None
    pieces = _pieces(payload, end)
    layout = "".join(f"{len(piece)}s" for piece in pieces[:6])
    layout += ("Q" if second & _TIMED else "0s") + f"{len(pieces[7])}s"
    headers = {key: value for key, value in message.headers.items() if key != name}
    return payload[_FLAGS : end - 8], _Shape(
        size=len(payload),
        take_apart=struct.Struct(f">q{layout}").unpack_from,
        constant=(pieces[0], pieces[2], pieces[4], pieces[7]),
        name=name,
        like=msgspec.structs.replace(message, body=b"", headers=headers),
    )


def _ends_with_number(table: bytes, name: str, value: object) -> bool:
    """Tell whether the last field of a table is this one, and an integer of 64 bits."""
    if type(value) is not int:
        return False
    text = name.encode()
    return table.endswith(bytes((len(text),)) + text + b"l" + _NUMBER.pack(value))


def _pieces(payload: bytes, start: int) -> list[bytes]:
    """Cut what follows the headers: in turn what stays the same, and what differs each time."""
    first, second = payload[_FLAGS], payload[_FLAGS + 1]
    at = start
    pieces: list[bytes] = []

    def take(octets: int) -> int:
        """Cut off so many octets; give the last of them, which is the size of what follows."""
        nonlocal at
        pieces.append(payload[at : at + octets])
        at += octets
        return payload[at - 1]

    take(take(1 + bool(first & _PRIOR) + 1))  # mode, priority; correlation id
    reply_to = 1 + payload[at] if first & _REPLIED else 0
    limited = take(reply_to + bool(first & _LIMITED))
    take(limited if first & _LIMITED else 0)  # expiration
    named = take(bool(second & _NAMED))
    take(named if second & _NAMED else 0)  # message id
    take(8 if second & _TIMED else 0)
    take(len(payload) - at)
    return pieces
