"""A trailing slash more or less: 308 to the path that a route has, where it asks for that.

All of it is decided at start: the other path becomes a route of its own, if nobody declared one,
whose only policy sends the client on.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from contracts.call import Reply
from ingress.pattern import Pattern, parse
from ingress.plan import Plan
from ingress.policies.port import Request, Slot

# RFC 9110 section 15.4.9: the method and the body stay what they are.
_PERMANENT: Final = 308


class Slash:
    """Sends a client on: to the path with the slash that it left out, or without its own."""

    name = "slash"
    slot = Slot.EDGE

    def admit(self, flow: Request) -> Reply | None:
        """Answer with the other path and the same query."""
        call = flow.call
        path = call.path[:-1] if call.path.endswith("/") else f"{call.path}/"
        query = f"?{call.query}" if call.query else ""
        return Reply(status=_PERMANENT, headers=(("location", path + query),))

    def settings(self) -> Mapping[str, Any]:
        """Nothing can be set."""
        return {}

    def __repr__(self) -> str:
        return "<Slash>"


def others(declared: Iterable[tuple[Plan, Pattern]]) -> Iterator[tuple[Plan, Pattern]]:
    """Give a plan for the other path of each plan that asks for it and has one."""
    for plan, pattern in declared:
        if plan.slash and not pattern.tail and pattern.path != "/":
            path = pattern.path[:-1] if pattern.path.endswith("/") else f"{pattern.path}/"
            beside = replace(
                plan, pattern=path, policies=(Slash(),), settlers=(), retry=None, breaker=None
            )
            yield beside, parse(f"{pattern.method} {path}")
