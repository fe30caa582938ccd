"""How keys are kept: as keyed digests, of which nobody can try values out without the secret.

Keys are long and random, so a fast hash will do (OWASP, "Cryptographic Storage": a slow one is for
what people make up). Keyed BLAKE2b (RFC 7693) costs half a microsecond; its first block is the key
alone, so it is hashed once and copied. Several secrets may be
in use, so that one can be replaced: each digest names the secret that made it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

MIN_SECRET: Final = 16
"""Characters that a secret has at least."""

Keyed = blake2b
"""A hash that has read its key, and nothing yet."""

_SIZE: Final = 32
_LABEL: Final = b"queuegate key digests"


class Digests:
    """Makes digests: the first of ``texts`` for new keys, all of them for known ones.

    Without any it works with a secret that ends with this process. Its ``repr`` shows none.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.lasting = bool(texts := tuple(texts))
        keys = [_stretch(text.encode()) for text in texts] or [secrets.token_bytes(_SIZE)]
        self._keys = {_name(key): blake2b(digest_size=_SIZE, key=key) for key in keys}
        self.name = next(iter(self._keys))
        self.first = self._keys[self.name]

    def knows(self, name: str) -> bool:
        """Whether the secret of this name is there."""
        return name in self._keys

    def key(self, name: str) -> Keyed:
        """Give the hash that a secret begins, for who makes many digests."""
        return self._keys[name]

    def make(self, text: str) -> bytes:
        """Make the digest of a new key, with the secret ``name``."""
        return digest(text, self.first)

    def __repr__(self) -> str:
        return f"<Digests {', '.join(self._keys)}>"


def digest(text: str, key: Keyed) -> bytes:
    """Make the digest of an API key."""
    made = key.copy()
    made.update(text.encode("utf-8", "surrogatepass"))
    return made.digest()


def _stretch(secret: bytes) -> bytes:
    return blake2b(secret, digest_size=_SIZE, person=_LABEL[:16]).digest()


def _name(key: bytes) -> str:
    return hashlib.sha256(_LABEL + key).hexdigest()[:8]
