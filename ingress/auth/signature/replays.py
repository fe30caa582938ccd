"""Remembers what was signed, so that nobody can send it again."""

import hashlib
from typing import Final

from contracts.stores.port import Store
from ingress.auth.refusal import Refused

SPACE: Final = "signatures"
"""Where it is in the store."""


class Replays:
    """Refuses what it has seen: in the store, and so in all processes that share it.

    What is remembered is the signature base and not the signature, of which an attacker can make
    another from one of ECDSA. Who wants to say the same twice within a second adds a nonce.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    async def check(self, keyid: str, base: bytes, ttl: float) -> None:
        """Raises ``Refused`` for what came before; ``Fault`` when the store cannot tell."""
        seen = hashlib.sha256(b"\0".join((keyid.encode(), base))).hexdigest()
        key = f"{SPACE}:{self._name}:{seen}"
        if await self._store.add(key, b"", ttl=ttl) is None:
            raise Refused("the request was sent before")
