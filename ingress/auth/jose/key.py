"""A key that verifies, and what it may verify."""

from typing import Any, Final

import msgspec

from ingress.auth.jose.algorithms import Algorithm

# Bytes of a shared secret.
SHORTEST_SECRET: Final = 32


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """What signatures are held against: a public key, or a secret that both sides have.

    ``kty`` and ``crv`` are those of RFC 7518 section 6: ``oct``, ``RSA``, ``EC``, ``OKP``. ``alg``
    is the only algorithm that it is for, empty for any that fits. ``kid`` is empty for one that has
    no name. Its ``repr`` shows nothing secret.
    """

    kty: str
    material: Any
    crv: str = ""
    kid: str = ""
    alg: str = ""

    def fits(self, algorithm: Algorithm) -> bool:
        """Whether the algorithm may use it: a key of one kind is never bytes to another."""
        return (
            self.kty == algorithm.kty
            and (self.alg in {"", algorithm.name})
            and (not algorithm.curves or self.crv in algorithm.curves)
            and (self.kty != "oct" or len(self.material) >= algorithm.at_least)
        )

    def __repr__(self) -> str:
        return f"<Key {self.kid or 'without a name'} {self.crv or self.kty}>"


def of_secret(secret: bytes, *, kid: str = "", alg: str = "") -> Key:
    """Take a shared secret.

    Raises ``ValueError`` for a short one: a text of less than 32 bytes can be guessed offline by
    anyone who has one token (RFC 8725 section 3.5).
    """
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"a shared secret must have at least {SHORTEST_SECRET} bytes")
    if secret.lstrip().startswith((b"-----BEGIN", b"ssh-", b"ecdsa-")):
        # What everybody knows is no secret (the confusion of HS256 and RS256).
        raise ValueError("this is a key of another kind, not a shared secret")
    return Key(kty="oct", material=secret, kid=kid, alg=alg)
