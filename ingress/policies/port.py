"""What a policy is: a decision about a Flow.

A policy never waits for the worker and cannot call the next policy; it only
says yes, no, or something else. Whatever it raises that is not a Fault refuses
the request as ``internal``: nothing fails open.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import IntEnum
from typing import Any, Protocol, runtime_checkable

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.fields import Pairs
from ingress.guard.certificate import Certificate


class Slot(IntEnum):
    """Where a policy stands. The order, with its reasons, is in ``__init__``."""

    EDGE = 1
    IDENTITY = 2
    QUOTA = 3
    SHAPE = 4
    CACHE = 5
    ONCE = 6
    REWRITE = 7
    HOLD = 8


class Request(Protocol):
    """The part of a Flow that a policy may see and change.

    A policy that changes the call puts a new one in its place; ``notes`` is
    where it remembers something between ``admit`` and ``settle``, and seconds
    that it made the request wait go to ``paused``. ``headers`` are fields, named
    in lower case, that go with whatever answer there will be: those that are
    lists add to what the reply says (``Vary``), others take its place.
    ``standing`` are lines of a header section, as limits write them.
    What follows ``paused`` is for ``settle``: what became of the call, and its
    seconds in queues and at work.
    """

    call: Call
    identity: Identity | None
    headers: list[tuple[str, str]]
    standing: bytes
    reply: Reply | None
    fault: Fault | None
    paused: float
    attempts: int
    worker: float

    @property
    def certificate(self) -> Certificate | None:
        """The client's certificate, verified by the handshake of TLS."""
        ...

    @property
    def secure(self) -> bool:
        """Whether the client came by HTTPS."""
        ...

    @property
    def queued(self) -> float:
        """Seconds in queues and on the way."""
        ...

    @property
    def code(self) -> str:
        """The fault's code, empty when there is none."""
        ...

    notes: dict[str, Any]

    def identify(
        self, identity: Identity, headers: Pairs | None = None, query: str | None = None
    ) -> None:
        """Say who is calling, to all that comes after, and what is left of the call."""
        ...

    def divert(self, plan: Any) -> None:  # noqa: ANN401 - a Plan, which is made of policies
        """Send the call where another Plan says, such as one for a share of the calls."""
        ...


class Policy(Protocol):
    """A decision about a request."""

    name: str
    slot: Slot

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        """Pass (``None``), answer now (a Reply), or refuse (raise a Fault).

        Decide synchronously if at all possible; return an awaitable only for
        what needs I/O, such as a shared counter.
        """
        ...

    def settings(self) -> Mapping[str, Any]:
        """Give what ``routes explain`` prints: plain values."""
        ...


class Settler(Policy, Protocol):
    """A policy that also wants to see the answer."""

    def settle(self, flow: Request) -> Callable[[], Awaitable[None]] | None:
        """Look at the finished answer; may put another in ``flow.reply``.

        What takes long is given back as a function. It is called, and waited for, when all have
        settled, unless the client is gone. After some seconds it is cancelled, and the answer is
        the fault ``deadline``.
        """
        ...


@runtime_checkable
class Early(Protocol):
    """A policy that has a say also in what is answered before any policy was asked.

    Such as that a body is too large. ``fields`` are those of the request, which the call does not
    have yet.
    """

    def early(self, flow: Request, fields: Pairs) -> None:
        """Add to ``flow.headers``."""
        ...


@runtime_checkable
class Preflighter(Protocol):
    """A policy that answers an OPTIONS for the method that it asks about."""

    def preflight(self, flow: Request, fields: Pairs) -> Reply | None:
        """Answer now, or ``None`` when that is not what was asked."""
        ...


class Holder(Settler, Protocol):
    """A policy of the slot HOLD: it knows what is in flight, and so outlives a reload."""

    def held(self) -> Mapping[str, float]:
        """Give what it holds now, for metrics and for people: names and numbers."""
        ...
