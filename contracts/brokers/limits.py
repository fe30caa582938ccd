"""What AMQP 0-9-1 cannot carry, told before anything is sent.

Both brokers ask here, so that a program which works on the embedded broker
does not meet a limit for the first time on RabbitMQ.
"""

from typing import Final

from contracts.brokers.port import Message
from contracts.fault import Fault

# A short string has one octet for its length (AMQP 0-9-1 section 4.2.5.3).
MAX_SHORT: Final = 255


def check(message: Message, routing_key: str) -> None:
    """Raise Fault ``invalid_request`` for what no AMQP broker takes."""
    for name, value in (
        ("routing key", routing_key),
        ("content_type", message.content_type),
        ("content_encoding", message.content_encoding),
        ("type", message.type),
        ("correlation_id", message.correlation_id),
        ("reply_to", message.reply_to),
        ("message_id", message.message_id),
        ("app_id", message.app_id),
    ):
        # A character has at most 4 bytes: most strings need no encoding to be seen short enough.
        if len(value) > MAX_SHORT // 4 and len(value.encode(errors="replace")) > MAX_SHORT:
            raise Fault("invalid_request", f"{name} is longer than {MAX_SHORT} bytes")
    for name in message.headers:
        if len(name) > MAX_SHORT // 4 and len(name.encode(errors="replace")) > MAX_SHORT:
            raise Fault("invalid_request", f"a header name is longer than {MAX_SHORT} bytes")
