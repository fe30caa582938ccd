"""A delivery that says what was done to it."""

from typing import Any

from contracts.brokers.port import Message
from contracts.fault import Fault


class Slip:
    """A delivery that writes down, in order, what is done to it."""

    def __init__(self, *, redelivered: bool = False, refuses: str = "", **asked: Any) -> None:
        asked = {"correlation_id": "c-1", "message_id": "r-1", "reply_to": "replies", **asked}
        self.message = Message(**asked)
        self.queue = "shop"
        self.redelivered = redelivered
        self.done: list[str] = []
        self.sent: list[Message] = []
        self._refuses = refuses

    def publish(self, message: Message, routing_key: str) -> None:
        if routing_key == self._refuses:
            raise Fault("invalid_request", "too long")
        self.done.append(f"publish {routing_key}")
        self.sent.append(message)

    def ack(self) -> None:
        self.done.append("ack")

    def reject(self, *, requeue: bool) -> None:
        self.done.append(f"reject requeue={requeue}")
