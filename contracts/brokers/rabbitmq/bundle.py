"""Many small messages in one: what goes to one queue in one turn of the event loop.

To a broker a message costs the same whatever is in it, and that is most of what an answer costs.
So answers that leave together for one reply queue leave as one message, if whoever reads the queue
can take it apart: the queue's name says so, by its end. So do calls that leave together for one
service, if its workers say that they take bundles.

The body is, one after another: the length of a content header as 32 bits, big-endian, that header
as AMQP 0-9-1 section 4.2.6.1 has it, and the body, whose size the header says. docs/wire.md has it
for other readers. What is in a bundle no broker has checked, so it is read with care.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.properties import HEAD, write_properties

SUFFIX: Final = ".bundles"
"""The end of the name of a queue whose reader takes bundles apart."""

TYPE: Final = "bundle"

LARGEST: Final = 8192
"""Bytes of a body that may be in a bundle: a copy of a large one costs more than a message."""
FULL: Final = 65_536
"""Bytes from which a bundle is sent, and the next one begun."""

Content = tuple[bytes, bytes]
"""The payload of a content header, and a body."""

_LENGTH: Final = struct.Struct(">I")
_CLASS: Final = 60
_FLAGS, _PROPERTIES = write_properties(Message(type=TYPE))
# The end of the content header of a bundle of answers: all but the size, which stands before it.
_MARK: Final = _FLAGS.to_bytes(2) + _PROPERTIES
_AT: Final = HEAD.size - 2


def join(parts: Iterable[Content], life: int = 0) -> tuple[bytes, bytes]:
    """Give content header and body of the bundle of messages, each a content header and a body.

    ``life`` is its expiration in milliseconds, 0 for none.
    """
    pieces: list[bytes] = []
    for header, body in parts:
        pieces += (_LENGTH.pack(len(header)), header, body)
    whole = b"".join(pieces)
    flags, properties = _FLAGS, _PROPERTIES
    if life:
        flags, properties = write_properties(Message(type=TYPE, expiration_ms=life))
    return HEAD.pack(_CLASS, 0, len(whole), flags) + properties, whole


def is_answers(header: bytes) -> bool:
    """Tell a bundle of answers by its content header: it has no expiration."""
    return header[_AT:] == _MARK


def split(body: bytes) -> Iterator[Content]:
    """Give content header and body of each message in a bundle.

    Raises ``ValueError`` or ``struct.error`` where it is none, after those before.
    """
    at, end = 0, len(body)
    while at < end:
        start = at + _LENGTH.size
        stop = start + _LENGTH.unpack_from(body, at)[0]
        size = HEAD.unpack_from(body, start)[2]
        at = stop + size
        if stop - start < HEAD.size or at > end:
            raise ValueError("a bundle ends in the middle of a message")
        yield body[start:stop], body[stop:at]
