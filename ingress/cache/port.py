"""What the cache needs of a request, and of what stands behind it."""

from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity

# The policies that stand behind the cache.
Behind = Sequence[Any]


class Request(Protocol):
    """The part of a Flow that the cache sees."""

    call: Call
    identity: Identity | None
    headers: list[tuple[str, str]]
    notes: dict[str, Any]
    reply: Reply | None
    fault: Fault | None
    attempts: int


class Onward(Protocol):
    """What stands behind the cache: the policies after it, and the dispatch."""

    def __call__(
        self,
        flow: Request,
        call: Call,
        behind: Behind,
        *,
        alone: bool,
    ) -> Awaitable[Request]:
        """Have a call answered for ``flow``'s caller, in a request of its own.

        It ends a little before ``flow`` has to, so that who waits hears what became of it; with
        ``alone`` nobody waits, and it has all of the route's time.

        Gives that request, with its reply or its fault; raises only CancelledError.
        """
        ...

    def credit(self, flow: Request, inner: Request) -> None:
        """Write to ``flow``'s account what its call took, and who answered it."""
        ...
