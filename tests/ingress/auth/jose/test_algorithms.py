import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ingress.auth.jose.algorithms import ALGORITHMS
from tests.ingress.auth.jose.minting import private_key, public, rsa_key, signer

NAMES = [
    *(f"{kind}{bits}" for kind in ("HS", "RS", "PS", "ES") for bits in (256, 384, 512)),
    *("EdDSA", "Ed25519", "Ed448"),
]


def test_these_are_known_and_no_others() -> None:
    """There is no none, in no spelling, no ES256K and no HMAC cut short."""
    assert sorted(ALGORITHMS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_signature_verifies_and_a_changed_one_does_not(name: str) -> None:
    """Each algorithm takes its own signature of these bytes, and nothing near it."""
    algorithm, key = ALGORITHMS[name], public(name)
    signature = signer(name)(b"what was signed")
    verify = algorithm.verify
    assert verify(key.material, b"what was signed", signature)
    assert not verify(key.material, b"what was sigmed", signature)
    for wrong in (
        b"",
        signature[:-1],
        signature + b"\0",
        b"\0" * len(signature),
        b"\xff" * len(signature),
        signature[:-1] + bytes([signature[-1] ^ 1]),
        signature[::-1],
    ):
        assert not verify(key.material, b"what was signed", wrong)


@pytest.mark.parametrize("name", ["ES256", "ES384", "ES512"])
def test_ecdsa_takes_no_other_form(name: str) -> None:
    """DER, and R or S of zero or of the order, are no signatures (CVE-2022-21449)."""
    algorithm, key = ALGORITHMS[name], public(name)
    private = private_key(name)
    data = b"data"
    hash_ = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "ES512": hashes.SHA512()}[name]
    der = private.sign(data, ec.ECDSA(hash_))
    size = (private.curve.key_size + 7) // 8
    right = signer(name)(data)
    zero, one = bytes(size), (1).to_bytes(size)
    n = private.curve.group_order
    order = n.to_bytes(size)
    wrong = [der, zero + zero, zero + one, one + zero, order + order, right[:size] + zero]
    wrong += [encode_dss_signature(0, 0), zero + right[size:], order + right[size:]]
    wrong += [right[:size], b"\0" + right[:size] + b"\0" + right[size:], b"\xff" * 2 * size]
    assert not any(algorithm.verify(key.material, data, signature) for signature in wrong)


def test_the_salt_of_pss_is_as_long_as_the_hash() -> None:
    """A salt of another length is refused, though the signature is right (RFC 7518 section 3.5)."""
    key = public("PS256")
    for length in (0, 20, 64):
        how = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=length)
        signature = rsa_key().sign(b"data", how, hashes.SHA256())
        assert not ALGORITHMS["PS256"].verify(key.material, b"data", signature)


def test_the_hash_inside_of_pss_is_the_same() -> None:
    """A mask made with another hash is refused."""
    how = padding.PSS(mgf=padding.MGF1(hashes.SHA1()), salt_length=32)  # noqa: S303
    signature = rsa_key().sign(b"data", how, hashes.SHA256())
    assert not ALGORITHMS["PS256"].verify(public("PS256").material, b"data", signature)


def test_one_family_does_not_verify_another() -> None:
    """A PKCS #1 v1.5 signature is none of PSS, and the reverse; nor with another hash."""
    key = public("RS256").material
    pkcs1, pss = signer("RS256")(b"data"), signer("PS256")(b"data")
    assert not ALGORITHMS["PS256"].verify(key, b"data", pkcs1)
    assert not ALGORITHMS["RS256"].verify(key, b"data", pss)
    assert not ALGORITHMS["RS512"].verify(key, b"data", pkcs1)
