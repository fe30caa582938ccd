"""What AMQP 0-9-1, or our client of it, cannot carry, told before anything is sent.

Both brokers ask here, so that a program which works on the embedded broker
does not meet a limit for the first time on RabbitMQ.
"""

import re
from typing import Final

from contracts.brokers.port import Message
from contracts.fault import Fault

# A short string has one octet for its length (AMQP 0-9-1 section 4.2.5.3).
MAX_SHORT: Final = 255
# The name of a header is shorter still (section 4.2.5.5); pamqp cuts off what is longer.
MAX_NAME: Final = 128
# RabbitMQ takes any UTF-8 for a queue's name, pamqp only this.
_QUEUE_NAME = re.compile(r"[a-zA-Z0-9\-_.:@#,/+ ]+")


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
        if type(name) is not str:
            raise Fault("invalid_request", "a header's name is no string")
        if len(name) > MAX_NAME // 4 and len(name.encode(errors="replace")) > MAX_NAME:
            raise Fault("invalid_request", f"a header name is longer than {MAX_NAME} bytes")


def check_queue_name(name: str) -> None:
    """Raise Fault ``invalid_request`` for what cannot be the name of a queue."""
    if len(name) > MAX_SHORT or not _QUEUE_NAME.fullmatch(name):
        raise Fault(
            "invalid_request",
            f"a queue's name is 1 to {MAX_SHORT} of a-z A-Z 0-9 - _ . : @ # , / + and space,"
            f" not {name[:80]!r}",
        )


def queue_name(text: str) -> str:
    """Make a queue's name out of any text."""
    return "".join(char if _QUEUE_NAME.fullmatch(char) else "-" for char in text)[:MAX_SHORT]
