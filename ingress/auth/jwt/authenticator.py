"""Tells callers by their JSON Web Tokens."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ingress.auth.bearer import Place
from ingress.auth.identity import Identity
from ingress.auth.jose import jws
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jwt.source import Source
from ingress.auth.jwt.verifier import Verifier
from ingress.auth.membership import Membership
from ingress.auth.port import Request
from ingress.auth.refusal import Refused
from ingress.auth.verified import Verified


class JwtAuthenticator:
    """Verifies each token once, and remembers it: ``remember`` seconds, at most to its end.

    What is remembered is forgotten when the keys change, so that a key that was taken back verifies
    nothing any more, and when consumers change.
    """

    def __init__(  # noqa: PLR0913 - each is a part of its own, made by `build`
        self,
        name: str,
        *,
        place: Place,
        source: Source,
        verifier: Verifier,
        membership: Membership,
        remember: float,
        capacity: int,
        forward: bool,
        told: Mapping[str, Any],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.credentials = place.credentials
        self.forward = forward
        self._place = place
        self._source = source
        self._verifier = verifier
        self._membership = membership
        self._remember = remember
        self._told = told
        self._now = now
        self._verified = Verified(capacity)
        self._generation = self._current()

    def authenticate(self, request: Request) -> Identity | Awaitable[Identity] | None:
        """Say whose token is shown; at once, if it was seen before."""
        token = self._place.find(request.call)
        if token is None:
            return None
        current = self._current()
        if current != self._generation:
            self._verified.clear()
            self._generation = current
        return self._verified.get(token) or self._verify(token)

    def _current(self) -> tuple[int, int]:
        return (self._source.generation, self._membership.generation)

    def _verify(self, token: str) -> Identity | Awaitable[Identity]:
        parsed = self._verifier.parse(token)
        keys = self._source.find(parsed)
        if isinstance(keys, KeySet):
            return self._identify(token, parsed, keys)
        return self._later(token, parsed, keys)

    async def _later(self, token: str, parsed: jws.Token, keys: Awaitable[KeySet]) -> Identity:
        return self._identify(token, parsed, await keys)

    def _identify(self, token: str, parsed: jws.Token, keys: KeySet) -> Identity:
        now = self._now()
        identity = self._verifier.identify(parsed, keys, now)
        if self._verifier.mapped.consumer:
            name = self._verifier.mapped.consumer_of(identity.claims)
            identity = self._membership.join(identity, name)
        until = now + self._remember
        if identity.expires:
            until = min(until, identity.expires + self._verifier.leeway)
        if until > now:
            self._verified.put(token, identity, until)
        return identity

    def challenge(self, refused: Refused | None) -> str:
        return self._place.challenge(refused)

    def settings(self) -> Mapping[str, Any]:
        return self._told

    async def close(self) -> None:
        await self._source.close()

    def __repr__(self) -> str:
        return f"<JwtAuthenticator {self.name} {self._verified!r}>"
