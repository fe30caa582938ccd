"""Bytes to AMQP frames, without I/O.

However a stream of bytes is cut, the same frames come out of it, and then at
most one protocol error, after which nothing comes any more.
"""

from typing import Final

from contracts.brokers.rabbitmq import frames

# Type, channel, payload.
Frame = tuple[int, int, bytes]

# Bytes. Before the two ends have agreed on a size; RabbitMQ's greeting has some 500.
FIRST_LARGEST: Final = 131_072

_KINDS: Final = frozenset({frames.METHOD, frames.HEADER, frames.BODY, frames.HEARTBEAT})
_HEAD: Final = frames.FRAME_HEAD.size
_END: Final = frames.END[0]


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
        head = frames.FRAME_HEAD.unpack_from
        while end - at >= _HEAD:
            kind, channel, size = head(data, at)
            stop = at + size + frames.OVERHEAD
            if kind not in _KINDS:
                self.error = f"a frame of the unknown type {kind}"
                break
            if 0 < self.largest < size + frames.OVERHEAD:
                self.error = f"a frame of {size} bytes, and {self.largest} was agreed on"
                break
            if stop > end:
                break
            if data[stop - 1] != _END:
                self.error = f"a frame that ends with {data[stop - 1]:#04x}"
                break
            found.append((kind, channel, data[at + _HEAD : stop - 1]))
            at = stop
        self.rest = data[at:]
        return found
