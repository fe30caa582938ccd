"""Send the client on, with the parameters of its path.

A parameter is data of a stranger: it is percent-encoded where it is put in (RFC 3986 section 2.4),
and can stand in the path alone, so nobody is sent to a host that the route file does not name.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from contracts.call import Reply
from ingress.fixed.sections import PARAMETER
from ingress.policies.port import Request, Slot

# What needs no encoding in a segment (section 3.3), without the dot segments' dots in front.
_IN_A_SEGMENT: Final = "!$&'()*+,;=:@"


class Redirect:
    """Answers with a ``Location``; ``tail`` names the parameter that may hold slashes."""

    name = "redirect"
    slot = Slot.SHAPE

    def __init__(self, to: str, status: int, *, keep_query: bool, tail: str = "") -> None:
        # Text, name, text, name, ..., text.
        self._parts = PARAMETER.split(to)
        self._to = to
        self._status = status
        self._keep_query = keep_query
        self._tail = tail

    def admit(self, flow: Request) -> Reply | None:
        """Answer with where to go."""
        call = flow.call
        parts = [
            self._value(part, call.params.get(part, "")) if index % 2 else part
            for index, part in enumerate(self._parts)
        ]
        place = "".join(parts)
        if self._keep_query and call.query:
            place += ("&" if "?" in place else "?") + call.query
        return Reply(status=self._status, headers=(("location", place),))

    def _value(self, name: str, value: str) -> str:
        if name != self._tail:
            return quote(value, safe=_IN_A_SEGMENT)
        # Behind the slash of a path a second one would begin a host (section 4.2).
        segments = value.split("/")
        rest = "/".join(quote(one, safe=_IN_A_SEGMENT) for one in segments)
        return f"%2F{rest[1:]}" if rest.startswith("/") else rest

    def settings(self) -> Mapping[str, Any]:
        """Give where to, and how."""
        return {
            "to": self._to,
            "status": self._status,
            "query": "keep" if self._keep_query else "drop",
        }

    def __repr__(self) -> str:
        return f"<Redirect {self._status} {self._to}>"


def build(asked: Mapping[str, Any]) -> Redirect | None:
    """Build it for a route that sets ``redirect``."""
    said = asked.get("redirect")
    if said is None:
        return None
    keep = said["query"] == "keep"
    return Redirect(said["to"], said["status"], keep_query=keep, tail=asked.get("tail", ""))
