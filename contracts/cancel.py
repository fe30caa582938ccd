"""Cancelling a call that was sent: nobody waits for its answer any more.

Nobody knows which of the competing workers has the call, or whether it still lies in the queue. So
a cancel goes by a topic exchange to all workers of the service, each of which listens with a queue
of its own; one finds the call among those that it runs, or will when it gets it. docs/wire.md has
it field by field.
"""

from typing import Final

import msgspec

from contracts.brokers.port import Message

TYPE: Final = "cancel"
# What a worker answers to a call that was cancelled: it is said, but nobody is there to hear it.
CODE: Final = "cancelled"
_DEADLINE: Final = "x-deadline"
# What still fits AMQP's 64 bits.
_BEYOND: Final = 2**63


class Cancel(msgspec.Struct, frozen=True):
    """Which attempt to give up, and until when it could still be begun (Unix ms, 0: no limit)."""

    correlation_id: str
    deadline: int = 0


def topic(service: str) -> str:
    """Give the routing key by which all workers of a service hear of cancels."""
    return f"queuegate.cancel.{service}"


def write(cancel: Cancel) -> Message:
    """Give the message that cancels; publish it to the exchange ``port.TOPIC``."""
    headers = {_DEADLINE: cancel.deadline} if cancel.deadline else {}
    return Message(type=TYPE, correlation_id=cancel.correlation_id, headers=headers)


def read(message: Message) -> Cancel | None:
    """Read a cancel; ``None`` for anything else. Untrusted; never raises."""
    if message.type != TYPE or not message.correlation_id:
        return None
    deadline = message.headers.get(_DEADLINE, 0)
    if type(deadline) is not int or not 0 <= deadline < _BEYOND:
        return None
    return Cancel(message.correlation_id, deadline)
