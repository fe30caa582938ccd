"""A signed token in the compact form (RFC 7515 section 7.1): taken apart, and verified.

What decides is never the token's word: the algorithms are those of the settings, the keys are those
of the settings, and what a header says of keys beyond a name (``jku``, ``jwk``, ``x5u``, ``x5c``)
is not read.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import msgspec

from ingress.auth.jose import base64url, strict_json
from ingress.auth.jose.algorithms import ALGORITHMS, Algorithm
from ingress.auth.jose.keyset import KeySet
from ingress.auth.refusal import Refused

MAX_TOKEN: Final = 8192
"""Characters. A header section has 16 KiB in all."""

_MALFORMED: Final = "the token is malformed"
_PARTS: Final = 3
_EXTENSIONS: Final = frozenset({"crit", "zip", "enc"})


class Token(msgspec.Struct, frozen=True):
    """A token taken apart, not verified: believe nothing of it yet."""

    algorithm: Algorithm
    kid: str | None
    header: Mapping[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes

    def __repr__(self) -> str:
        # A token is a credential: whoever reads it in a log could use it.
        return f"<Token {self.algorithm.name}>"


def parse(text: str, algorithms: Collection[str]) -> Token:
    """Take a token apart. Raises ``Refused`` for anything that is not as it must be."""
    if len(text) > MAX_TOKEN:
        raise Refused("the token is too long")
    parts = text.split(".", _PARTS + 2)
    if len(parts) != _PARTS:
        # Five would be an encrypted one (RFC 7516).
        raise Refused(_MALFORMED)
    try:
        header = strict_json.read_object(base64url.decode(parts[0]))
        payload, signature = base64url.decode(parts[1]), base64url.decode(parts[2])
    except ValueError:
        raise Refused(_MALFORMED) from None
    return Token(
        algorithm=_algorithm(header, algorithms),
        kid=_kid(header),
        header=header,
        payload=payload,
        signed=text[: len(parts[0]) + 1 + len(parts[1])].encode(),
        signature=signature,
    )


def verify(token: Token, keys: KeySet) -> None:
    """Hold a token against the keys. Raises ``Refused`` if none of them has signed it."""
    candidates = keys.candidates(token.kid, token.algorithm)
    if not candidates:
        raise Refused("the token is signed with a key that is not known here")
    check: Callable[[Any, bytes, bytes], bool] = token.algorithm.verify
    if not any(check(key.material, token.signed, token.signature) for key in candidates):
        raise Refused("the signature of the token is wrong")


def _algorithm(header: Mapping[str, Any], algorithms: Collection[str]) -> Algorithm:
    # Nothing that changes how the token is read is understood here (RFC 7515 section 4.1.11), nor
    # is a payload that is not encoded (RFC 7797), or that is another token (RFC 7519 section 5.2).
    if _EXTENSIONS & header.keys() or header.get("b64", True) is not True:
        raise Refused("the token needs an extension that is not known here")
    if "cty" in header:
        raise Refused("the token holds another one")
    name = header.get("alg")
    if not isinstance(name, str) or name not in algorithms:
        raise Refused("the algorithm of the token is not accepted here")
    return ALGORITHMS[name]


def _kid(header: Mapping[str, Any]) -> str | None:
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise Refused(_MALFORMED)
    if kid is None and "kid" in header:
        raise Refused(_MALFORMED)
    return kid
