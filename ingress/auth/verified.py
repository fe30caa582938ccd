"""Remembers credentials that were verified, so that the next call need not pay for it again.

Bounded, and none is kept beyond its end. The credential itself is not kept: what stands here is a
keyed digest of it, whose key is made at the start of the process and known to nobody.
"""

import hashlib
import secrets
import time
from typing import Final

from ingress.auth.identity import Identity

_SIZE: Final = 16


class Verified:
    """Identities by credential: ``verified.get(token) or verify(token)``.

    At most ``capacity`` of them; the oldest goes first.
    """

    __slots__ = ("_capacity", "_known", "_secret")

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._secret = secrets.token_bytes(32)
        self._known: dict[bytes, tuple[Identity, float]] = {}

    def get(self, credential: str) -> Identity | None:
        """Give whose credential this is, if it was verified and has not ended since."""
        digest = self._digest(credential)
        found = self._known.get(digest)
        if found is None:
            return None
        if found[1] <= time.time():
            self._known.pop(digest, None)
            return None
        return found[0]

    def put(self, credential: str, identity: Identity, until: float) -> None:
        """Remember a verified credential until a moment in Unix seconds."""
        known = self._known
        while len(known) >= self._capacity:
            del known[next(iter(known))]
        known[self._digest(credential)] = (identity, until)

    def clear(self) -> None:
        """Forget all: what they were verified against has changed."""
        self._known.clear()

    def __len__(self) -> int:
        return len(self._known)

    def __repr__(self) -> str:
        return f"<Verified {len(self._known)} of {self._capacity}>"

    def _digest(self, credential: str) -> bytes:
        data = credential.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=_SIZE, key=self._secret).digest()
