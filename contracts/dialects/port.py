"""The dialect port: how one family of services speaks over a queue.

The gateway's side turns a Call into a message and a message into a Reply; the
worker's side does the reverse. A family that only consumes ours or its own
format implements the gateway's side alone.
"""

from typing import Protocol

from contracts.brokers.port import Message
from contracts.call import Call, Reply


class Dialect(Protocol):
    """The gateway's side of a dialect. Pure: no I/O and no state."""

    name: str

    def request(
        self, call: Call, *, correlation_id: str, reply_to: str, expiration_ms: int
    ) -> Message:
        """Turn a Call into the message that asks for it."""
        ...

    def reply(self, message: Message) -> Reply:
        """Turn the answer into a Reply.

        Any message gives a Reply: what cannot be understood is a reply with
        the fault ``bad_reply``. Never raises.
        """
        ...
