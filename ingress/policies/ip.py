"""Answer some addresses and not others.

The address is the client's as the edge knows it: of the connection, or what a trusted proxy says.
Who has none that can be read, as over a Unix socket, is in no list, and is refused: a list that
cannot be asked must not let anybody through.
"""

from collections.abc import Mapping
from typing import Any

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot
from ingress.protection.networks import Networks, read


class Ip:
    """Answers 403 ``forbidden`` to addresses that are not in ``allow``, or that are in ``deny``."""

    name = "ip"
    slot = Slot.EDGE

    def __init__(self, allow: Networks | None, deny: Networks | None) -> None:
        self._allow = allow
        self._deny = deny

    def admit(self, flow: Request) -> Reply | None:
        address = read(flow.call.caller.address)
        if (
            address is None
            or (self._deny is not None and address in self._deny)
            or (self._allow is not None and address not in self._allow)
        ):
            raise Fault("forbidden", "this address is not answered here")
        return None

    def settings(self) -> Mapping[str, Any]:
        lists = {"allow": self._allow, "deny": self._deny}
        return {name: list(one.texts) for name, one in lists.items() if one is not None}

    def __repr__(self) -> str:
        return f"<Ip allow={self._allow!r} deny={self._deny!r}>"


def build(asked: Mapping[str, Any]) -> Ip | None:
    """Build it for a route that has ``ip``."""
    settings = asked.get("ip", "off")
    if settings == "off":
        return None
    allow, deny = settings["allow"], settings["deny"]
    return Ip(Networks(allow) if allow else None, Networks(deny) if deny else None)
