"""Signs tokens, right and wrong ones: what the product never does."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ingress.auth.jose import base64url
from ingress.auth.jose.key import Key, of_secret
from ingress.auth.jose.public_key import of_pem

SECRET: Final = b"a secret that is long enough for sixty-four bytes of SHA-512 too."

_HASHES: Final = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_CURVES: Final = {"256": ec.SECP256R1(), "384": ec.SECP384R1(), "512": ec.SECP521R1()}

Sign = Callable[[bytes], bytes]


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make one RSA key, the same for all tests: it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def private_key(algorithm: str) -> Any:
    """Give the key that signs for an algorithm, one for all tests."""
    kind, bits = algorithm[:2], algorithm[2:]
    if kind in {"RS", "PS"}:
        return rsa_key()
    if kind == "ES":
        return ec.generate_private_key(_CURVES[bits])
    if algorithm == "Ed448":
        return ed448.Ed448PrivateKey.generate()
    return ed25519.Ed25519PrivateKey.generate()


def pem(algorithm: str) -> bytes:
    """Give the public key of an algorithm's private one."""
    public = private_key(algorithm).public_key()
    return bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def public(algorithm: str, *, kid: str = "") -> Key:
    """Give what verifies for an algorithm."""
    if algorithm.startswith("HS"):
        return of_secret(SECRET, kid=kid)
    key = of_pem(pem(algorithm))
    return Key(kty=key.kty, crv=key.crv, material=key.material, kid=kid)


def signer(algorithm: str, key: Any = None) -> Sign:
    """Give what signs bytes; ``key`` takes the place of the usual one."""
    kind, bits = algorithm[:2], algorithm[2:]
    if kind == "HS":
        return lambda data: hmac.digest(key or SECRET, data, f"sha{bits}")
    private = key or private_key(algorithm)
    if kind == "RS":
        return lambda data: bytes(private.sign(data, padding.PKCS1v15(), _HASHES[bits]))
    if kind == "PS":
        digest = _HASHES[bits]
        how = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
        return lambda data: bytes(private.sign(data, how, digest))
    if kind == "ES":
        return lambda data: raw(private.sign(data, ec.ECDSA(_HASHES[bits])), private.curve)
    return lambda data: bytes(private.sign(data))


def raw(der: bytes, curve: ec.EllipticCurve) -> bytes:
    """Write an ECDSA signature as JOSE has it: R and S side by side."""
    size = (curve.key_size + 7) // 8
    return b"".join(number.to_bytes(size) for number in decode_dss_signature(der))


def compact(header: bytes, payload: bytes, sign: Sign) -> str:
    """Sign any bytes for a header with any bytes for claims."""
    signed = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return f"{signed}.{base64url.encode(sign(signed.encode()))}"


def mint(
    claims: Mapping[str, Any],
    algorithm: str = "HS256",
    *,
    key: Any = None,
    header: Mapping[str, Any] | None = None,
) -> str:
    """Make a token; ``header`` adds to its header, or takes the place of what would be there."""
    fields = {"alg": algorithm, **(header or {})}
    head, payload = json.dumps(fields).encode(), json.dumps(claims).encode()
    return compact(head, payload, signer(algorithm, key))


def thumb(token: str) -> str:
    """Give a short name of a token, for the ids of tests."""
    return hashlib.sha256(token.encode()).hexdigest()[:8]
