"""A request as a policy sees it, without a gateway around it."""

from typing import Any

from contracts.call import Call, Reply
from contracts.fault import Fault


class Asked:
    """What `ingress.policies.port.Request` asks for."""

    def __init__(self, body: bytes = b"", **headers: str) -> None:
        fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.call = Call(id="r-1", operation="s.o", headers=fields, body=body)
        self.reply: Reply | None = None
        self.notes: dict[str, Any] = {}
        self.fault: Fault | None = None
        self.paused = 0.0
        self.attempts = 1
        self.worker = 0.0
        self.queued = 0.0

    @property
    def code(self) -> str:
        """The fault's code."""
        return self.fault.code if self.fault else ""
