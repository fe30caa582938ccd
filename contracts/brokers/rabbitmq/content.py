"""Content frames to whole messages, in their order and in no other.

AMQP 0-9-1 section 4.2.6: a method that carries content, one header, and as
many body frames as make up the size that the header announced. On one channel
nothing may come in between.
"""

from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.properties import body_size

# The payloads of method and header, and the whole body.
Whole = tuple[bytes, bytes, bytes]


class Content:
    """Puts the content frames of one channel together.

    Raises ``ProtocolError`` for a frame that cannot come now.
    """

    __slots__ = ("_header", "_left", "_pieces", "begun")

    def __init__(self) -> None:
        # The method of a message of which not all has come yet.
        self.begun = b""
        self._header = b""
        self._left = 0
        self._pieces: list[bytes] = []

    def __repr__(self) -> str:
        state = f"{self._left} bytes to come" if self._header else "header to come"
        return f"<Content {state if self.begun else 'idle'}>"

    def method(self, payload: bytes) -> None:
        """Take the method."""
        self.check_idle()
        self.begun = payload

    def check_idle(self) -> None:
        """Raise when a message is not whole yet."""
        if self.begun:
            raise frames.ProtocolError("a method in the middle of a message")

    def header(self, payload: bytes) -> Whole | None:
        """Take the header; gives the message when it has no body."""
        if not self.begun or self._header:
            raise frames.ProtocolError("a content header that no method announced")
        self._header, self._left = payload, body_size(payload)
        return None if self._left else self._whole()

    def body(self, payload: bytes) -> Whole | None:
        """Take a piece of the body; gives the message when it is the last."""
        if not self._header:
            raise frames.ProtocolError("a content body without a header")
        self._left -= len(payload)
        if self._left < 0:
            raise frames.ProtocolError("a content body that is longer than its header said")
        self._pieces.append(payload)
        return None if self._left else self._whole()

    def _whole(self) -> Whole:
        whole = self.begun, self._header, b"".join(self._pieces)
        self.begun = self._header = b""
        self._pieces = []
        return whole
