"""Keys as JSON: a JWK, or a set of them (RFC 7517)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ingress.auth.jose import base64url, strict_json
from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.key import Key, of_secret
from ingress.auth.jose.public_key import of_edwards, of_point, of_rsa

MAX_KEYS: Final = 100
"""Keys of a set that are looked at; a longer one is refused."""

_LONGEST_NAME: Final = 255


def read_set(data: bytes) -> tuple[Key, ...]:
    """Read a JWK Set.

    Keys that are not for verifying, or that are not understood, are left out (RFC 7517 section 5).
    Raises ``ValueError`` if it is no set at all.
    """
    keys = strict_json.read_object(data).get("keys")
    if not isinstance(keys, list):
        raise ValueError("this is not a JWK Set: it has no list of keys")  # noqa: TRY004
    if len(keys) > MAX_KEYS:
        raise ValueError(f"a JWK Set has at most {MAX_KEYS} keys")
    return tuple(key for one in keys if (key := _perhaps(one)) is not None)


def read(data: bytes) -> tuple[Key, ...]:
    """Read a file of keys, a set or a single JWK; one that cannot be used is an error here."""
    value = strict_json.read_object(data)
    keys = value.get("keys", [value])
    if not isinstance(keys, list) or not all(isinstance(one, dict) for one in keys):
        raise ValueError("this is not a JWK Set: it has no list of keys")
    return tuple(of_members(one) for one in keys)


def of_members(jwk: Mapping[str, Any]) -> Key:
    """Take one key. Raises ``ValueError`` with a sentence that shows nothing of it."""
    kind = _text(jwk, "kty")
    if kind not in _KINDS:
        raise ValueError("the kind of the key (kty) is not one of RSA, EC, OKP and oct")
    if jwk.get("use", "sig") != "sig" or not _may_verify(jwk.get("key_ops")):
        raise ValueError("the key is not for verifying signatures (use, key_ops)")
    if kind != "oct" and "d" in jwk:
        raise ValueError("this is a private key: a gateway verifies, give it the public one")
    key = _KINDS[kind](jwk)
    kid, alg = _text(jwk, "kid", ""), _text(jwk, "alg", "")
    if len(kid) > _LONGEST_NAME:
        raise ValueError(f"the name of a key (kid) has at most {_LONGEST_NAME} characters")
    named = Key(kty=key.kty, crv=key.crv, material=key.material, kid=kid, alg=alg)
    if not any(named.fits(algorithm) for algorithm in ALGORITHMS.values()):
        raise ValueError("no algorithm can use this key (kty, crv, alg)")
    return named


def _perhaps(jwk: object) -> Key | None:
    if not isinstance(jwk, dict) or jwk.get("kty") == "oct":
        # A secret that is served to all is none.
        return None
    try:
        return of_members(jwk)
    except ValueError:
        return None


def _may_verify(operations: object) -> bool:
    if operations is None:
        return True
    return isinstance(operations, Sequence) and "verify" in operations


def _text(jwk: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = jwk.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"the member {name} of the key must be a text")  # noqa: TRY004
    return value


def _bytes(jwk: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64url.decode(_text(jwk, name))
    except ValueError:
        raise ValueError(f"the member {name} of the key must be base64url") from None


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], Key]]] = {
    "RSA": lambda jwk: of_rsa(_bytes(jwk, "n"), _bytes(jwk, "e")),
    "EC": lambda jwk: of_point(_text(jwk, "crv"), _bytes(jwk, "x"), _bytes(jwk, "y")),
    "OKP": lambda jwk: of_edwards(_text(jwk, "crv"), _bytes(jwk, "x")),
    "oct": lambda jwk: of_secret(_bytes(jwk, "k")),
}
