"""Public keys of asymmetric algorithms: from numbers, and from PEM files."""

from collections.abc import Mapping
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ingress.auth.jose.key import Key

# Bits. Below, it can be factored (RFC 7518 section 3.3); above, one token takes milliseconds.
_SMALLEST_RSA, _LARGEST_RSA = 2048, 8192
_CURVES: Final[Mapping[str, tuple[type[ec.EllipticCurve], int]]] = {
    "P-256": (ec.SECP256R1, 32),
    "P-384": (ec.SECP384R1, 48),
    "P-521": (ec.SECP521R1, 66),
}
_NAMES: Final[Mapping[object, str]] = {curve.name: name for name, (curve, _) in _CURVES.items()}
_EDWARDS: Final[Mapping[str, Any]] = {
    "Ed25519": ed25519.Ed25519PublicKey,
    "Ed448": ed448.Ed448PublicKey,
}


def of_rsa(modulus: bytes, exponent: bytes) -> Key:
    """Raises ``ValueError``, like all here, for what is no key or too weak a one."""
    n, e = int.from_bytes(modulus), int.from_bytes(exponent)
    _check_rsa(n, e)
    return Key(kty="RSA", material=rsa.RSAPublicNumbers(e, n).public_key())


def of_point(crv: str, x: bytes, y: bytes) -> Key:
    """Take a point of a curve; one that is not on it is refused."""
    if crv not in _CURVES:
        raise ValueError("the curve is not one of P-256, P-384 and P-521")
    curve, size = _CURVES[crv]
    if len(x) != size or len(y) != size:
        # RFC 7518 section 6.2.1.2: leading zeros are not left out.
        raise ValueError(f"a coordinate on {crv} has {size} bytes")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve())
    return Key(kty="EC", crv=crv, material=numbers.public_key())


def of_edwards(crv: str, x: bytes) -> Key:
    if crv not in _EDWARDS:
        raise ValueError("the curve is not one of Ed25519 and Ed448")
    return Key(kty="OKP", crv=crv, material=_EDWARDS[crv].from_public_bytes(x))


def of_pem(pem: bytes) -> Key:
    """Read a public key, or the one of a certificate, whose validity is not looked at."""
    if b"PRIVATE KEY" in pem:
        raise ValueError("this is a private key: a gateway verifies, give it the public one")
    try:
        if b"BEGIN CERTIFICATE" in pem:
            return _of_key(x509.load_pem_x509_certificate(pem).public_key())
        return _of_key(load_pem_public_key(pem))
    except UnsupportedAlgorithm:
        raise ValueError("this kind of key is not known") from None


def _of_key(key: object) -> Key:
    match key:
        case rsa.RSAPublicKey():
            _check_rsa(key.public_numbers().n, key.public_numbers().e)
            return Key(kty="RSA", material=key)
        case ec.EllipticCurvePublicKey() if key.curve.name in _NAMES:
            return Key(kty="EC", crv=_NAMES[key.curve.name], material=key)
        case ed25519.Ed25519PublicKey():
            return Key(kty="OKP", crv="Ed25519", material=key)
        case ed448.Ed448PublicKey():
            return Key(kty="OKP", crv="Ed448", material=key)
        case _:
            raise ValueError("this kind of key is not known")


def _check_rsa(modulus: int, exponent: int) -> None:
    if not _SMALLEST_RSA <= modulus.bit_length() <= _LARGEST_RSA:
        raise ValueError(f"an RSA key has {_SMALLEST_RSA} to {_LARGEST_RSA} bits")
    if exponent.bit_length() > 64 or exponent < 3 or not exponent % 2:  # noqa: PLR2004
        raise ValueError("the exponent of an RSA key is odd, at least 3 and below 2**64")
    if all(modulus % prime in powers for prime, powers in _ROCA.items()):
        raise ValueError("the RSA key is of the weak kind of CVE-2017-15361 (ROCA)")


def _powers(base: int, prime: int) -> frozenset[int]:
    return frozenset(pow(base, exponent, prime) for exponent in range(prime - 1))


# Chips that made both primes from powers of 65537 made keys that can be factored: their moduli are
# such powers too, modulo each small prime. Another key is so by chance once in 2**27.
# Nemec and others, "The Return of Coppersmith's Attack", CCS 2017, section 2.2.
_SMALL_PRIMES: Final = tuple(
    number for number in range(3, 168) if all(number % below for below in range(2, number))
)
_ROCA: Final = {prime: _powers(65537, prime) for prime in _SMALL_PRIMES}
