"""Any dialect, with an AMQP priority on what is asked.

A queue with ``max_priority`` hands out the higher ones first; any other queue does not care.
"""

from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import Call, Reply
from contracts.dialects.port import Dialect


class Prioritised:
    """Speaks as ``dialect`` does; its requests have ``priority``, from 0 to 9."""

    def __init__(self, dialect: Dialect, priority: int) -> None:
        self._dialect = dialect
        self._priority = priority

    def __repr__(self) -> str:
        return f"<Prioritised {self._dialect!r} {self._priority}>"

    @property
    def name(self) -> str:
        """What routes and services call the dialect."""
        return self._dialect.name

    def request(
        self, call: Call, *, correlation_id: str, reply_to: str, expiration_ms: int
    ) -> Message:
        """Turn a Call into the message that asks for it."""
        message = self._dialect.request(
            call, correlation_id=correlation_id, reply_to=reply_to, expiration_ms=expiration_ms
        )
        return replace(message, priority=self._priority)

    def reply(self, message: Message) -> Reply:
        """Turn the answer into a Reply."""
        return self._dialect.reply(message)
