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

    @property
    def name(self) -> str:
        """What routes and services call it."""
        ...

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


class WorkerDialect(Dialect, Protocol):
    """A dialect that our own workers can serve. Pure as well."""

    def call(self, message: Message) -> Call:
        """Turn the message that asks into a Call.

        Raises Fault ``invalid_request`` for what cannot be understood, and
        nothing else, whatever the message is.
        """
        ...

    def answer(self, reply: Reply, asked: Message) -> Message:
        """Turn a Reply, or the fault in it, into the message that answers.

        ``asked`` is the message that asked: the answer takes its correlation
        id and its content type. Publish it to ``asked.reply_to``. A reply
        that cannot be written becomes a ``worker_error``; never raises.
        """
        ...
