"""Have a share of the calls that were sent copied to another place."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from contracts.call import Call, Reply
from ingress.policies.port import Request, Slot

# Sends a copy of a call soon, without a wait and without an error.
Copy = Callable[[Call], None]


class Mirror:
    """Copies calls that have been sent, once they are answered; ``to`` says where, for people."""

    name = "mirror"
    slot = Slot.REWRITE

    def __init__(
        self, copy: Copy, to: str, share: float, *, draw: Callable[[], float] = random.random
    ) -> None:
        self._copy = copy
        self._to = to
        self._share = share
        self._draw = draw

    def admit(self, flow: Request) -> Reply | None:  # noqa: ARG002 - the port
        """Pass: a call that is refused later is not copied."""
        return None

    def settle(self, flow: Request) -> None:
        """Have the call copied, if it was sent and is in the share."""
        if flow.attempts and (self._share >= 1 or self._draw() < self._share):
            self._copy(flow.call)

    def settings(self) -> Mapping[str, Any]:
        """Give where copies go, and how many."""
        return {"to": self._to, "share": self._share}

    def __repr__(self) -> str:
        return f"<Mirror {self._share:.2%} to {self._to}>"


def build(asked: Mapping[str, Any]) -> Mirror | None:
    """Build it for a route that sets ``mirror``."""
    if "mirror" not in asked:
        return None
    return Mirror(asked["mirror_copy"], asked["mirror_to"], asked["mirror"]["share"])
