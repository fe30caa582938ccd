import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ingress.auth.jose.public_key import of_edwards, of_pem, of_point, of_rsa
from tests.ingress.auth.jose.minting import pem, private_key, rsa_key


@pytest.mark.parametrize(
    "algorithm, kind",
    [
        ("RS256", ("RSA", "")),
        ("ES256", ("EC", "P-256")),
        ("ES384", ("EC", "P-384")),
        ("ES512", ("EC", "P-521")),
        ("EdDSA", ("OKP", "Ed25519")),
        ("Ed448", ("OKP", "Ed448")),
    ],
)
def test_a_pem_file_says_its_kind(algorithm: str, kind: tuple[str, str]) -> None:
    """Each kind of public key is read from PEM, with its curve."""
    key = of_pem(pem(algorithm))
    assert (key.kty, key.crv) == kind


def test_a_certificate_gives_its_key() -> None:
    """A certificate in PEM stands for the public key in it."""
    private = private_key("ES256")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    key = of_pem(certificate.public_bytes(Encoding.PEM))
    assert key.material.public_numbers() == private.public_key().public_numbers()


def _pem_of(public: object) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


def test_keys_of_other_kinds_are_refused() -> None:
    """ES256K's curve, DSA, key agreement, Brainpool, weak RSA: none of them verifies here."""
    others = [
        ec.generate_private_key(ec.SECP256K1()).public_key(),
        ec.generate_private_key(ec.BrainpoolP256R1()).public_key(),
        dsa.generate_private_key(2048).public_key(),
        x25519.X25519PrivateKey.generate().public_key(),
        rsa.generate_private_key(65537, 1024).public_key(),  # noqa: S505 - it is refused
    ]
    for public in others:
        with pytest.raises(ValueError):  # noqa: PT011 - each has a sentence of its own
            of_pem(_pem_of(public))


def test_a_private_key_is_refused() -> None:
    """A gateway has no use for a private key, and says so without showing it."""
    secret = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="this is a private key"):
        of_pem(secret)


@pytest.mark.parametrize("data", [b"", b"garbage", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END"])
def test_what_is_no_pem_is_refused(data: bytes) -> None:
    """Garbage is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the library's
        of_pem(data)


@pytest.mark.parametrize("bits", [512, 1024, 2047, 8200])
def test_rsa_keys_have_bounds(bits: int) -> None:
    """Too short can be factored, too long takes too long."""
    modulus = (1 << (bits - 1)) | 1
    with pytest.raises(ValueError, match="2048 to 8192 bits"):
        of_rsa(modulus.to_bytes((bits + 7) // 8), b"\1\0\1")


@pytest.mark.parametrize("exponent", [0, 1, 2, 4, 65536, 1 << 70 | 1])
def test_the_exponent_has_bounds(exponent: int) -> None:
    """An exponent of 1 would let anybody sign."""
    modulus = rsa_key().public_key().public_numbers().n
    with pytest.raises(ValueError, match="exponent"):
        of_rsa(modulus.to_bytes(256), exponent.to_bytes(12))


def test_a_point_is_on_its_curve() -> None:
    """Points elsewhere, on another curve, or written short, are refused."""
    numbers = private_key("ES256").public_key().public_numbers()
    x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
    assert of_point("P-256", x, y).crv == "P-256"
    for crv, one, two in [
        ("P-256", x, x),
        ("P-256", bytes(32), bytes(32)),
        ("P-384", x.rjust(48, b"\0"), y.rjust(48, b"\0")),
        ("P-256", x[1:], y),
        ("P-256", b"\0" + x, y),
        ("secp256k1", x, y),
    ]:
        with pytest.raises(ValueError):  # noqa: PT011 - some sentences are the library's
            of_point(crv, one, two)


@pytest.mark.parametrize("crv, length", [("Ed25519", 31), ("Ed448", 32), ("X25519", 32)])
def test_an_edwards_key_has_its_length(crv: str, length: int) -> None:
    """Another length, or a curve that is not for signing, is refused."""
    with pytest.raises(ValueError):  # noqa: PT011 - one sentence is the library's
        of_edwards(crv, bytes(length))


def test_a_key_of_a_weak_chip_is_refused() -> None:
    """A modulus that is a power of 65537 modulo all small primes can be factored (ROCA)."""
    primorial = 1
    for number in range(2, 168):
        if all(number % below for below in range(2, number)):
            primorial *= number
    modulus = pow(65537, 12345, primorial) + (primorial << 1850)
    assert modulus.bit_length() >= 2048
    with pytest.raises(ValueError, match="ROCA"):
        of_rsa(modulus.to_bytes(300), b"\1\0\1")
