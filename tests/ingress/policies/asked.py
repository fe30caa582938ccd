"""A request as a policy sees it, without a gateway around it."""

from typing import Any

import msgspec

from contracts.call import Call, Caller, Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.fields import Pairs
from ingress.guard.certificate import Certificate
from ingress.plan import Plan

CLIENT = Caller(address="198.51.100.7")


class Asked:
    """What `ingress.policies.port.Request` asks for."""

    def __init__(self, body: bytes = b"", **headers: str) -> None:
        fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.call = Call(id="r-1", operation="s.o", headers=fields, body=body, caller=CLIENT)
        self.reply: Reply | None = None
        self.notes: dict[str, Any] = {}
        self.fault: Fault | None = None
        self.paused = 0.0
        self.attempts = 1
        self.worker = 0.0
        self.queued = 0.0
        self.identity: Identity | None = None
        self.headers: list[tuple[str, str]] = []
        self.standing = b""
        self.certificate: Certificate | None = None
        self.secure = False
        self.diverted = ""

    def divert(self, plan: Plan) -> None:
        """Note it."""
        self.diverted = plan.name

    def identify(
        self, identity: Identity, headers: Pairs | None = None, query: str | None = None
    ) -> None:
        """Take it as the gateway's Flow does."""
        self.identity = identity
        caller = Caller(id=identity.id, scopes=identity.scopes)
        if headers is None or query is None:
            headers, query = self.call.headers, self.call.query
        self.call = msgspec.structs.replace(self.call, caller=caller, headers=headers, query=query)

    @property
    def code(self) -> str:
        """The fault's code."""
        return self.fault.code if self.fault else ""
