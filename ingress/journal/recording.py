"""What is recorded of a route's requests: the route file's word, compiled."""

from typing import Final

from ingress.journal.record import Level
from ingress.journal.redact import Redaction, Rules

MAX_BODY: Final = 64 * 1024
"""Bytes of a body that are kept, unless the route file says otherwise."""


class Recording:
    """What is recorded of the requests of a route.

    ``sample`` is the share of them, 0 to 1; ``max_body`` the bytes kept of each body.
    """

    __slots__ = ("full", "level", "max_body", "redaction", "sample")

    def __init__(
        self,
        *,
        level: Level = "metadata",
        sample: float = 1.0,
        max_body: int = MAX_BODY,
        redaction: Redaction | None = None,
    ) -> None:
        self.level = level
        self.full = level == "full"
        self.sample = sample
        self.max_body = max_body
        self.redaction = redaction or Redaction(Rules())

    def __repr__(self) -> str:
        return f"<Recording {self.level}, {self.sample:.0%}>"
