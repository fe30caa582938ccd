"""Tells callers by tokens that their issuer is asked about."""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec

from ingress.auth.bearer import Place
from ingress.auth.decisions import Decision, Decisions
from ingress.auth.identity import Identity
from ingress.auth.introspection.endpoint import Endpoint
from ingress.auth.jose.jws import MAX_TOKEN
from ingress.auth.jwt.mapping import Mapped
from ingress.auth.jwt.rules import Rules
from ingress.auth.membership import Membership
from ingress.auth.oracle import Oracle
from ingress.auth.port import Request
from ingress.auth.refusal import Refused

_SCHEME: Final = "introspection"


class Memory(msgspec.Struct, frozen=True):
    """How long an answer is good, in seconds: a yes, at most to the token's end, and a no."""

    active: float
    inactive: float


class IntrospectionAuthenticator:
    """Asks once a token; what the issuer says is held to the rules of the route file too."""

    def __init__(  # noqa: PLR0913 - each is a part of its own, made by `build`
        self,
        name: str,
        *,
        place: Place,
        endpoint: Endpoint,
        rules: Rules,
        mapped: Mapped,
        membership: Membership,
        memory: Memory,
        capacity: int,
        forward: bool,
        told: Mapping[str, Any],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.credentials = place.credentials
        self.forward = forward
        self._place = place
        self._endpoint = endpoint
        self._oracle = Oracle(name)
        self._rules = rules
        self._mapped = mapped
        self._membership = membership
        self._memory = memory
        self._decisions = Decisions(capacity, lambda: membership.generation)
        self._told = told
        self._now = now

    def authenticate(self, request: Request) -> Identity | Awaitable[Identity] | None:
        """Say whose token is shown; at once, if the answer is known."""
        token = self._place.find(request.call)
        if token is None:
            return None
        # RFC 6750 section 2.1: what cannot be a token is not worth a question.
        if not 0 < len(token) <= MAX_TOKEN or not token.isascii() or not token.isprintable():
            raise Refused("the token is malformed")
        return self._decisions.known(token) or self._decisions.make(
            token, partial(self._decide, token)
        )

    async def _decide(self, token: str) -> Decision:
        claims = await self._oracle.ask(partial(self._endpoint.ask, token))
        now = self._now()
        if claims is None:
            return Decision(None, "the token is not active", now + self._memory.inactive)
        try:
            identity = self._identity(claims, now)
        except Refused as refused:
            return Decision(None, refused.reason, now + self._memory.inactive)
        until = now + self._memory.active
        return Decision(identity, "", min(until, identity.expires or until))

    def _identity(self, claims: Mapping[str, Any], now: float) -> Identity:
        expires = self._rules.check({}, claims, now)
        identity = self._mapped.identity(claims, _SCHEME, expires)
        if not self._mapped.consumer:
            return identity
        return self._membership.join(identity, self._mapped.consumer_of(claims))

    def challenge(self, refused: Refused | None) -> str:
        return self._place.challenge(refused)

    def settings(self) -> Mapping[str, Any]:
        return self._told

    async def close(self) -> None:
        await self._decisions.close()
        await self._endpoint.close()

    def __repr__(self) -> str:
        return f"<IntrospectionAuthenticator {self.name} {self._decisions!r}>"
