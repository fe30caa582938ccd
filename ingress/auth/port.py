"""What an authenticator is: it looks at a request's head and says whose credential it has seen.

The policy ``auth`` asks those of a route one after the other; the first that gives an Identity has
the word.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from contracts.call import Call
from ingress.auth.credentials import Credentials
from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused
from ingress.guard.certificate import Certificate


class Request(Protocol):
    """The part of a request that an authenticator may look at; a Flow is one.

    ``notes`` is for what it wants to say to itself later.
    """

    notes: dict[str, Any]

    @property
    def call(self) -> Call:
        """What the client asked, with all of its header fields."""
        ...

    @property
    def certificate(self) -> Certificate | None:
        """The client's certificate, verified by the handshake of TLS."""
        ...

    @property
    def secure(self) -> bool:
        """Whether the client came by HTTPS."""
        ...


class Authenticator(Protocol):
    """One way to say who one is.

    ``name`` is what the route file calls it. ``credentials`` are the places where its credential
    travels: they are taken off the call before anything else sees it, unless ``forward`` is set and
    this is the one that gave the Identity.
    """

    name: str
    credentials: Credentials
    forward: bool

    def authenticate(self, request: Request) -> Identity | Awaitable[Identity | None] | None:
        """Say who it is, or ``None`` when no credential of this kind is shown.

        Raises ``Refused`` for one that is not good: the others are asked all the same. A ``Fault``
        says that it cannot be told now, and ends the request: nothing fails open. Answer
        synchronously if at all possible; an awaitable has until the call's deadline.
        """
        ...

    def challenge(self, refused: Refused | None) -> str:
        """Give a challenge for ``WWW-Authenticate`` (RFC 9110 section 11.6.1).

        With ``refused``, what it refused; ``None`` when it saw nothing of its kind.
        """
        ...

    def settings(self) -> Mapping[str, Any]:
        """Give what ``routes explain`` prints: plain values, no secrets."""
        ...

    async def close(self) -> None:
        """Let go of connections; no request is asked of it any more."""
        ...
