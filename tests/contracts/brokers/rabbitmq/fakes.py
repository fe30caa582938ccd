"""A wire that goes nowhere, and the frames that a broker would send over it."""

from collections.abc import Callable
from typing import Any

import pamqp.frame
from pamqp import commands

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.splitter import Splitter
from contracts.brokers.rabbitmq.wire import Wire


class DeadEnd(Wire):
    """A wire that keeps what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.full = False

    @property
    def choked(self) -> bool:
        return self.full

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def send_now(self, data: bytes) -> None:
        self.send(data)

    def send_last(self, closer: Callable[[], bytes]) -> None:
        self.sent.append(closer())

    @property
    def said(self) -> list[str]:
        """The names of the methods that were sent."""
        found = []
        for kind, _, payload, _, _ in Splitter().feed(b"".join(self.sent)):
            if kind == frames.METHOD:
                frame = frames.FRAME_HEAD.pack(kind, 1, len(payload)) + payload + frames.END
                found.append(pamqp.frame.unmarshal(frame)[2].name)
        return found


def payload(method: Any) -> bytes:
    """Give the payload of a method frame."""
    return pamqp.frame.marshal(method, 1)[7:-1]


def content(message: Message, channel: int = 1) -> tuple[bytes, bytes]:
    """Give the payloads of header and body."""
    data = frames.publish(
        message, channel=channel, exchange="", routing_key="", mandatory=False, frame_max=0
    )
    at, parts = 0, []
    while at < len(data):
        size = frames.FRAME_HEAD.unpack_from(data, at)[2]
        parts.append(data[at + 7 : at + 7 + size])
        at += size + frames.OVERHEAD
    return parts[1], b"".join(parts[2:])


def deliver(tag: int = 1, *, redelivered: bool = False) -> bytes:
    """Give the payload of a basic.deliver."""
    return payload(commands.Basic.Deliver("t", tag, redelivered, "", "q"))
