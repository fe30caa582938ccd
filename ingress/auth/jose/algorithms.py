"""The signature algorithms: what kind of key each takes, and how it verifies.

RFC 7518 section 3 and RFC 8037, with the fully specified names of RFC 9864. ``none`` is not among
them, nor are ES256K and the HMACs truncated to 64 bits.
"""

import hmac
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

# Verifies (key material, what was signed, signature).
Verify = Callable[[Any, bytes, bytes], bool]


class Algorithm(msgspec.Struct, frozen=True):
    """A name, the one kind of key that it takes, and how it verifies.

    ``curves`` are those that it takes, of a key that is on one; ``at_least`` is the length of a
    shared secret in bytes: no shorter than the hash (RFC 7518 section 3.2).
    """

    name: str
    kty: str
    verify: Verify
    curves: tuple[str, ...] = ()
    at_least: int = 0


def _verify_hmac(digest: str, secret: bytes, signed: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(secret, signed, digest), signature)


def _verify_pkcs1(hash_: hashes.HashAlgorithm, key: Any, signed: bytes, signature: bytes) -> bool:  # noqa: ANN401
    return _verifies(key, signature, signed, padding.PKCS1v15(), hash_)


def _verify_pss(hash_: hashes.HashAlgorithm, key: Any, signed: bytes, signature: bytes) -> bool:  # noqa: ANN401
    # The salt is as long as the hash, neither shorter nor longer (RFC 7518 section 3.5).
    how = padding.PSS(mgf=padding.MGF1(hash_), salt_length=hash_.digest_size)
    return _verifies(key, signature, signed, how, hash_)


def _verify_ecdsa(
    hash_: hashes.HashAlgorithm,
    size: int,
    key: Any,  # noqa: ANN401
    signed: bytes,
    signature: bytes,
) -> bool:
    # R and S side by side, each as long as the curve's order (RFC 7518 section 3.4): not DER.
    if len(signature) != 2 * size:
        return False
    r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
    # A library once took 0 for both to fit all (CVE-2022-21449); what is below checks it again.
    if not r or not s:
        return False
    return _verifies(key, encode_dss_signature(r, s), signed, ec.ECDSA(hash_))


def _verify_eddsa(key: Any, signed: bytes, signature: bytes) -> bool:  # noqa: ANN401
    return _verifies(key, signature, signed)


def _verifies(key: Any, *arguments: Any) -> bool:  # noqa: ANN401
    try:
        key.verify(*arguments)
    except InvalidSignature:
        return False
    return True


_SHA: Final = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
_CURVE: Final = {256: ("P-256", 32), 384: ("P-384", 48), 512: ("P-521", 66)}
_EDWARDS: Final = ("Ed25519", "Ed448")


def _of_size(bits: int) -> tuple[Algorithm, ...]:
    hash_, (curve, size) = _SHA[bits], _CURVE[bits]
    return (
        Algorithm(f"HS{bits}", "oct", partial(_verify_hmac, f"sha{bits}"), at_least=bits // 8),
        Algorithm(f"RS{bits}", "RSA", partial(_verify_pkcs1, hash_)),
        Algorithm(f"PS{bits}", "RSA", partial(_verify_pss, hash_)),
        Algorithm(f"ES{bits}", "EC", partial(_verify_ecdsa, hash_, size), curves=(curve,)),
    )


ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    one.name: one
    for one in (
        *(algorithm for bits in _SHA for algorithm in _of_size(bits)),
        Algorithm("EdDSA", "OKP", _verify_eddsa, curves=_EDWARDS),
        *(Algorithm(curve, "OKP", _verify_eddsa, curves=(curve,)) for curve in _EDWARDS),
    )
}
"""All that are known, by name."""
