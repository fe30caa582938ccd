"""Answer with what the route file says."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.call import Reply
from ingress.policies.port import Request, Slot

_TEXT: Final = "text/plain; charset=utf-8"


class Fixed:
    """Always the same answer."""

    name = "reply"
    # Behind identity, quotas and validation; before the cache, since it is as quick.
    slot = Slot.SHAPE

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        fields = dict(headers)
        if body and "content-type" not in fields:
            fields["content-type"] = _TEXT
        self._reply = Reply(status=status, headers=tuple(fields.items()), body=body.encode())

    def admit(self, flow: Request) -> Reply | None:  # noqa: ARG002 - the port
        """Answer."""
        return self._reply

    def settings(self) -> Mapping[str, Any]:
        """Give its status and its size."""
        return {"status": self._reply.status, "body": f"{len(self._reply.body)} bytes"}

    def __repr__(self) -> str:
        return f"<Fixed {self._reply.status}>"


def build(asked: Mapping[str, Any]) -> Fixed | None:
    """Build it for a route that sets ``reply``."""
    said = asked.get("reply")
    if said is None:
        return None
    return Fixed(said["status"], said["headers"] or {}, said["body"])
