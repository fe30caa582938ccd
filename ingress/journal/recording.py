"""What is recorded of a route's requests: the route file's word, compiled."""

from typing import Final

import msgspec

from ingress.journal.record import Level
from ingress.journal.redact import Redaction, Rules

MAX_BODY: Final = 64 * 1024
"""Bytes of a body that are kept, unless the route file says otherwise."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of the requests of a route.

    ``sample`` is the share of them, 0 to 1; ``max_body`` the bytes kept of each body.
    """

    level: Level = "metadata"
    sample: float = 1.0
    max_body: int = MAX_BODY
    redaction: Redaction = msgspec.field(default_factory=lambda: Redaction(Rules()))
