"""Refuse a body that is larger than the route takes.

The edge counts while it reads and never holds more than the limit. This is
the same rule for calls that came another way, and for a length that was
declared but not sent.
"""

from collections.abc import Mapping
from typing import Any

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot


class Size:
    """Answers 413 ``too_large`` above ``max_body`` bytes."""

    name = "size"
    slot = Slot.EDGE

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body

    def admit(self, flow: Request) -> Reply | None:
        call = flow.call
        # The first of its name, found without a look at each field: few calls have one still.
        length = dict(call.headers[::-1]).get("content-length")
        if len(call.body) > self._max_body or (length and self._declares_more(length)):
            limit = self._max_body
            raise Fault("too_large", f"at most {limit} bytes are accepted here", limit=limit)
        return None

    def settings(self) -> Mapping[str, Any]:
        return {"max_body": self._max_body}

    def _declares_more(self, length: str) -> bool:
        # RFC 9110 section 8.6: digits only. isdecimal alone takes other scripts' digits.
        if not (length.isascii() and length.isdecimal()):
            return False
        digits = length.lstrip("0") or "0"
        # Compared as text first: int() of ten thousand digits is refused by Python.
        limit = str(self._max_body)
        return len(digits) > len(limit) or (len(digits) == len(limit) and digits > limit)

    def __repr__(self) -> str:
        return f"<Size {self._max_body}>"


def build(asked: Mapping[str, Any]) -> Size | None:
    """Build it for a route that sets ``max_body``."""
    return Size(asked["max_body"]) if "max_body" in asked else None
