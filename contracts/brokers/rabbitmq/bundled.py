"""Deliveries that came as one message: each is settled by itself, and with the last the message."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import msgspec

from contracts.brokers.port import LARGEST_LOT, Delivery, Message
from contracts.brokers.rabbitmq import bundle, frames
from contracts.dead_letter import attempts, counted, dead_queue

# What makes a message of a content header and a body.
Read = Callable[[bytes, bytes], Message]

# What reading raises where there is no bundle.
_DAMAGED: Final = (ValueError, IndexError, frames.StructError)


class Whole:
    """The message that deliveries came in."""

    __slots__ = ("_delivery", "left", "parts", "publish", "queue")

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self.queue = delivery.queue
        # Before it is settled.
        self.publish = delivery.publish
        self.parts: list[BundledDelivery] = []
        # How many of them are not settled.
        self.left = 0

    def __repr__(self) -> str:
        return f"<Whole {self.left} left of {self._delivery!r}>"

    def settle_one(self) -> None:
        """Take note that one of them is settled."""
        self.left -= 1
        if not self.left:
            self._delivery.ack()

    def let_go(self) -> None:
        """Give back what is left, so that what is settled does not come back with it."""
        if self.left < len(self.parts):
            for part in self.parts:
                part.reject(requeue=True)


class BundledDelivery(msgspec.Struct, eq=False):
    """One of the deliveries that came in one message."""

    whole: Whole
    message: Message
    redelivered: bool
    _settled: bool = False

    def __repr__(self) -> str:
        state = "settled" if self._settled else "open"
        return f"<BundledDelivery {self.queue} {self.message.correlation_id!r} {state}>"

    @property
    def queue(self) -> str:
        """The queue it came from."""
        return self.whole.queue

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish on the channel that it came by, so before any later settlement."""
        if not self._settled:
            self.whole.publish(message, routing_key)

    def ack(self) -> None:
        """Say that the message is dealt with."""
        if not self._settled:
            self._settled = True
            self.whole.settle_one()

    def reject(self, *, requeue: bool) -> None:
        """Give it back, or let it go to the dead letters: as a message of its own.

        The broker knows only the whole. So where it would mark what comes back as redelivered, the
        message carries the number of its attempts.
        """
        message, to = self.message, self.queue
        if requeue:
            message = counted(message, attempts(message, redelivered=True))
        else:
            to = dead_queue(to)
        self.publish(message, to)
        self.ack()


def taken_apart(delivery: Delivery, read: Read) -> Sequence[Delivery]:
    """Give the deliveries in one of a bundle; itself when it is none, or damaged.

    What is damaged makes no call, and who gets it deals with it as with any such message.
    """
    outer = delivery.message
    if outer.type != bundle.TYPE:
        return (delivery,)
    try:
        # No more than belongs into one: a small message must not become a large crowd.
        parts = list(islice(bundle.split(outer.body), LARGEST_LOT + 1))
        messages = [read(header, body) for header, body in parts[:LARGEST_LOT]]
    except _DAMAGED:
        return (delivery,)
    if not 0 < len(parts) <= LARGEST_LOT:
        return (delivery,)
    if outer.headers:
        # What the broker wrote on it, of its deliveries and deaths, holds for each.
        messages = [
            msgspec.structs.replace(message, headers={**outer.headers, **message.headers})
            for message in messages
        ]
    whole, redelivered = Whole(delivery), delivery.redelivered
    whole.parts = [BundledDelivery(whole, message, redelivered) for message in messages]
    whole.left = len(messages)
    return whole.parts
