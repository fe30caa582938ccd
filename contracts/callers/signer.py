"""The gateway's half: it states who calls."""

import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from contracts.brokers.port import Message
from contracts.call import Call, Caller
from contracts.callers.keys import Key, encode
from contracts.callers.statement import ISSUER, TYPE, Head, Statement, digest

Covers = Literal["call", "caller"]

ACCEPTED_FOR: Final = 7 * 86_400
"""Seconds. Accepted work has no deadline, and may lie in its queue over a weekend."""

# Statements about callers that are kept. Beyond it all are forgotten and made anew.
_MOST: Final = 10_000
_MS: Final = 1000


class Signer:
    """Signs statements: ``token = signer.token(call, message)``, the message being the call's.

    With ``covers="call"`` each is about one call, and holds for the bytes that were sent and until
    the call's deadline. With ``"caller"`` it is about a caller on a route, holds ``ttl`` seconds
    longer than the call, and is signed once in that time; accepted work, whose statements hold for
    days, is signed call by call all the same.
    """

    def __init__(
        self,
        key: Key,
        *,
        covers: Covers = "call",
        ttl: int = 10,
        accepted_for: int = ACCEPTED_FOR,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not key.private:
            raise ValueError(f"the key {key.id!r} is public: it cannot sign")
        self.covers: Covers = covers
        self._key = key
        self._ttl = ttl
        self._accepted_for = accepted_for
        self._clock = clock
        head = Head(alg=key.algorithm, kid=key.id, typ=TYPE)
        self._head = encode(msgspec.json.encode(head)).encode() + b"."
        self._kept: dict[tuple[Caller, str, str], tuple[int, str]] = {}

    def __repr__(self) -> str:
        return f"<Signer {self._key!r} covers={self.covers}>"

    @property
    def key_id(self) -> str:
        """The name of the key that signs."""
        return self._key.id

    def token(self, call: Call, message: Message) -> str:
        """State who makes the call."""
        until = self._until(call)
        if self.covers == "call" or not call.deadline:
            # Accepted work: for days nobody may put other words beside it.
            return self._sign(call, until, jti=call.id, sha256=digest(message))
        about = call.caller, call.operation, call.route
        kept = self._kept.get(about)
        if kept is not None and kept[0] >= until:
            return kept[1]
        if len(self._kept) >= _MOST:
            self._kept.clear()
        until += self._ttl
        token = self._sign(call, until)
        self._kept[about] = until, token
        return token

    def _until(self, call: Call) -> int:
        """Give the second in which the call is over."""
        if call.deadline:
            return -(-call.deadline // _MS)
        return int(self._clock()) + self._accepted_for

    def _sign(self, call: Call, until: int, *, jti: str = "", sha256: str = "") -> str:
        caller = call.caller
        said = Statement(
            iss=ISSUER,
            aud=call.service,
            op=call.operation,
            iat=int(self._clock()),
            exp=until,
            sub=caller.id,
            route=call.route,
            scopes=caller.scopes,
            groups=caller.groups,
            roles=caller.roles,
            address=caller.address,
            jti=jti,
            sha256=sha256,
        )
        data = self._head + encode(msgspec.json.encode(said)).encode()
        return f"{data.decode()}.{encode(self._key.sign(data))}"
