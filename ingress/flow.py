"""One request's whole story inside the gateway.

A Flow is mutable and has one owner at a time: the edge makes it, the pipeline
and the dispatcher write into it, the observers read it when it is finished.
Clock readings are ``time.perf_counter()`` seconds.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from contracts.call import Call, Caller, Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.fields import Pairs
from ingress.guard.certificate import Certificate
from ingress.guard.peer import STRANGER, Peer
from ingress.plan import Plan


class Flow:
    """What came, what was decided where and when, what went back."""

    __slots__ = (
        "answered_by",
        "attempts",
        "bytes_out",
        "call",
        "fault",
        "finished",
        "headers",
        "heard",
        "identity",
        "notes",
        "paused",
        "peer",
        "plan",
        "received",
        "reply",
        "standing",
        "status",
        "waited",
        "worker",
    )

    def __init__(
        self, call: Call, plan: Plan | None, received: float, peer: Peer = STRANGER
    ) -> None:
        self.call = call
        self.plan = plan
        self.received = received
        self.peer = peer
        self.finished = 0.0
        # The answer: a reply, or the fault that the client is told of.
        self.reply: Reply | None = None
        self.fault: Fault | None = None
        self.status = 0
        self.bytes_out = 0
        # Which policy answered or refused; "" when the call was dispatched.
        self.answered_by = ""
        # How often the call was sent.
        self.attempts = 0
        # Seconds between sending and hearing, over all attempts, and the part
        # of it that workers say they worked. The rest was spent in queues and
        # on the way: taken as a difference, so no clocks need to agree.
        self.waited = 0.0
        self.worker = 0.0
        # When the last attempt ended, and the seconds between attempts.
        self.heard = 0.0
        self.paused = 0.0
        # What policies want to remember between admit and settle.
        self.notes: dict[str, Any] = {}
        # Who is calling, if somebody checked it; and fields that the gateway adds to the answer,
        # whatever it will be. Their names are in lower case.
        self.identity: Identity | None = None
        self.headers: list[tuple[str, str]] = []
        # How the limits of the call stand: the lines of RateLimit-Policy and RateLimit, written.
        self.standing = b""

    def identify(
        self, identity: Identity, headers: Pairs | None = None, query: str | None = None
    ) -> None:
        """Say who is calling: from here on the log, the journal and the worker know it too.

        ``headers`` and ``query`` are what is left of the call's without the credential.
        """
        self.identity = identity
        call = self.call
        if headers is None or query is None:
            headers, query = call.headers, call.query
        # By place: this is on the way of each call whose caller is known.
        caller = Caller(
            identity.id, call.caller.address, identity.scopes, identity.groups, identity.roles
        )
        self.call = msgspec.structs.replace(call, caller=caller, headers=headers, query=query)

    @property
    def certificate(self) -> Certificate | None:
        """The client's certificate, verified by the handshake of TLS."""
        return self.peer.certificate

    @property
    def secure(self) -> bool:
        """Whether the client came by HTTPS."""
        return self.peer.secure

    def divert(self, plan: Plan) -> None:
        """Send the call where another plan says; log, journal and metrics have its name then."""
        self.plan = plan
        self.call = msgspec.structs.replace(
            self.call, operation=plan.target.operation, route=plan.name
        )

    @property
    def route(self) -> str:
        """The name of the route, ``-`` when none matched."""
        return self.plan.name if self.plan else "-"

    @property
    def code(self) -> str:
        """The fault code, empty when there is none."""
        return self.fault.code if self.fault else ""

    @property
    def duration(self) -> float:
        """Seconds from the first byte of the body to the end of the answer."""
        return self.finished - self.received

    @property
    def queued(self) -> float:
        """Seconds in queues and on the way."""
        return max(0.0, self.waited - self.worker)

    @property
    def gateway(self) -> float:
        """Seconds inside the gateway itself; pauses between attempts are not its work."""
        return max(0.0, self.duration - self.waited - self.paused)

    def __repr__(self) -> str:
        state = f"{self.status} {self.code}".strip() if self.status else "in flight"
        what = f"{self.call.id} {self.call.method} {self.call.path} {self.route!r}"
        return f"<Flow {what} {state} attempts={self.attempts}>"


# What looks at a finished Flow: journal, log line, metrics.
Observer = Callable[[Flow], None]
