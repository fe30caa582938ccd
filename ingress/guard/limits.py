"""How much, and for how long: the bounds of a connection and of what it says."""

from typing import Final

import msgspec

# Bytes of a header section, whatever is asked for. In the raw dialect all of it travels as
# headers of a message, which AMQP puts into one frame: RabbitMQ has 128 KiB for that, and whoever
# sends more loses the connection, for all calls.
MOST: Final = 32_768


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of each connection. Times are in seconds, sizes in bytes.

    ``header_timeout`` is for the whole header section, from its first byte; ``body_timeout`` for
    the whole body; ``idle_timeout`` for the wait between two requests. ``write_timeout`` is how
    long a client may leave an answer unread before it has read some more of it.
    ``max_url`` is for the request target, ``max_header_size`` for the request line and all fields,
    ``max_headers`` for their number.
    """

    header_timeout: float = 10.0
    body_timeout: float = 30.0
    idle_timeout: float = 75.0
    write_timeout: float = 30.0
    max_url: int = 8192
    max_header_size: int = 16_384
    max_headers: int = 100


USUAL = Limits()
# Of a port that scripts and probes ask, and nobody keeps a connection to.
IMPATIENT = Limits(idle_timeout=5.0)
