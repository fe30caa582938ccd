"""Refuse all calls of a route for a while."""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot

_DETAIL: Final = "closed for maintenance"


class Closed:
    """Answers 503 ``maintenance`` with ``Retry-After``; ``retry_after`` in seconds."""

    name = "maintenance"
    slot = Slot.EDGE

    def __init__(self, retry_after: float, detail: str = "") -> None:
        self._retry_after = ceil(retry_after)
        self._detail = detail or _DETAIL

    def admit(self, flow: Request) -> Reply | None:  # noqa: ARG002 - the port
        """Refuse."""
        raise Fault("maintenance", self._detail, retry_after=self._retry_after)

    def settings(self) -> Mapping[str, Any]:
        """Give what clients are told."""
        return {"retry_after": f"{self._retry_after}s", "detail": self._detail}

    def __repr__(self) -> str:
        return f"<Closed {self._retry_after}s {self._detail!r}>"


def build(asked: Mapping[str, Any]) -> Closed | None:
    """Build it for a route that sets ``maintenance``."""
    said = asked.get("maintenance", "off")
    return None if said == "off" else Closed(said["retry_after"], said["detail"])
