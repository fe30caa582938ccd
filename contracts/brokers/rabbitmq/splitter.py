"""Bytes to AMQP frames, without I/O.

However a stream of bytes is cut, the same frames come out of it, and then at
most one protocol error, after which nothing comes any more. A delivery whose
three frames came in one piece comes out in one, since nearly all do.
"""

import struct
from typing import Final

from contracts.brokers.rabbitmq import frames

# Type, channel, payload; for CONTENT the payloads of method, header and body, else two empty ones.
Frame = tuple[int, int, bytes, bytes, bytes]

# Bytes. Before the two ends have agreed on a size; RabbitMQ's greeting has some 500.
FIRST_LARGEST: Final = 131_072

_KINDS: Final = frozenset({frames.METHOD, frames.HEADER, frames.BODY, frames.HEARTBEAT})
_HEAD: Final = frames.FRAME_HEAD.size
_END: Final = frames.END[0]
# A frame's head, and of a content header class, weight and size of the body.
_CONTENT_HEAD: Final = struct.Struct(">BHIHHQ")


class Splitter:
    """Cuts one stream into frames (AMQP 0-9-1 section 2.3.5)."""

    __slots__ = ("error", "largest", "rest")

    def __init__(self) -> None:
        # Bytes of the largest frame that is taken, its head and end included; 0 for no limit.
        self.largest = FIRST_LARGEST
        # What is wrong with the stream; empty while nothing is.
        self.error = ""
        # Bytes that are no whole frame yet, or none at all.
        self.rest = b""

    def __repr__(self) -> str:
        return f"<Splitter {self.error or 'fine'}, {len(self.rest)} bytes wait>"

    def feed(self, data: bytes) -> list[Frame]:
        """Take what came and give the frames that are whole now."""
        if self.rest:
            data = self.rest + data
        found: list[Frame] = []
        if self.error:
            self.rest = data
            return found
        at, end = 0, len(data)
        head, largest = frames.FRAME_HEAD.unpack_from, self.largest
        while end - at >= _HEAD:
            kind, channel, size = head(data, at)
            stop = at + size + frames.OVERHEAD
            if kind not in _KINDS:
                self.error = f"a frame of the unknown type {kind}"
                break
            if 0 < largest < size + frames.OVERHEAD:
                self.error = f"a frame of {size} bytes, and {largest} was agreed on"
                break
            if stop > end:
                break
            if data[stop - 1] != _END:
                self.error = f"a frame that ends with {data[stop - 1]:#04x}"
                break
            payload = data[at + _HEAD : stop - 1]
            if kind == frames.METHOD and payload[:4] == frames.BASIC_DELIVER:
                content = self._content(data, stop, channel)
                if content is not None:
                    header, body, at = content
                    found.append((frames.CONTENT, channel, payload, header, body))
                    continue
            found.append((kind, channel, payload, b"", b""))
            at = stop
        self.rest = data[at:]
        return found

    def _content(self, data: bytes, at: int, channel: int) -> tuple[bytes, bytes, int] | None:
        """Give header and body at ``at``, and where they end, if they are whole and all is well."""
        end = len(data)
        if end - at < _CONTENT_HEAD.size:
            return None
        kind, number, size, _, _, expected = _CONTENT_HEAD.unpack_from(data, at)
        body = at + size + frames.OVERHEAD
        if kind != frames.HEADER or number != channel or end - body < _HEAD:
            return None
        kind, number, length = frames.FRAME_HEAD.unpack_from(data, body)
        stop = body + length + frames.OVERHEAD
        if (
            kind != frames.BODY
            or number != channel
            or length != expected
            or stop > end
            or data[body - 1] != _END
            or data[stop - 1] != _END
            or 0 < self.largest < max(size, length) + frames.OVERHEAD
        ):
            return None
        return data[at + _HEAD : body - 1], data[body + _HEAD : stop - 1], stop


def joined(frame: Frame) -> bytes:
    """Give the bytes that a frame was."""
    kind, channel, payload, header, body = frame
    pack = frames.FRAME_HEAD.pack
    if kind != frames.CONTENT:
        return pack(kind, channel, len(payload)) + payload + frames.END
    return b"".join(
        (
            pack(frames.METHOD, channel, len(payload)),
            payload,
            frames.END,
            pack(frames.HEADER, channel, len(header)),
            header,
            frames.END,
            pack(frames.BODY, channel, len(body)),
            body,
            frames.END,
        )
    )
