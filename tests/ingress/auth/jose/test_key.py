import pytest

from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.key import Key, of_secret
from tests.ingress.auth.jose.minting import SECRET, pem, public


@pytest.mark.parametrize("length", [0, 1, 8, 31])
def test_a_short_secret_is_refused(length: int) -> None:
    """What can be guessed offline is no secret, and the error does not show it."""
    with pytest.raises(ValueError, match="at least 32 bytes") as caught:
        of_secret(b"s" * length)
    assert "ssss" not in str(caught.value)


def test_a_public_key_is_no_secret() -> None:
    """A PEM file given as a secret, the old confusion of HS256 and RS256, is refused."""
    with pytest.raises(ValueError, match="a key of another kind"):
        of_secret(b"\n" + pem("RS256"))


def test_a_key_fits_its_own_algorithms() -> None:
    """Each kind of key, and each curve, is for its algorithms alone."""
    fitting = {
        kind: sorted(name for name, one in ALGORITHMS.items() if public(kind).fits(one))
        for kind in ("HS512", "RS256", "ES256", "ES384", "ES512", "EdDSA", "Ed448")
    }
    assert fitting == {
        "HS512": ["HS256", "HS384", "HS512"],
        "RS256": ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"],
        "ES256": ["ES256"],
        "ES384": ["ES384"],
        "ES512": ["ES512"],
        "EdDSA": ["Ed25519", "EdDSA"],
        "Ed448": ["Ed448", "EdDSA"],
    }


def test_a_key_that_names_an_algorithm_fits_no_other() -> None:
    """A key for PS256 is not used for RS256, though it could be."""
    rsa = public("RS256")
    bound = Key(kty="RSA", material=rsa.material, alg="PS256")
    assert bound.fits(ALGORITHMS["PS256"])
    assert not bound.fits(ALGORITHMS["RS256"])


def test_a_secret_is_as_long_as_the_hash() -> None:
    """32 bytes are enough for HS256 and too few for HS384 and HS512 (RFC 7518 section 3.2)."""
    key = of_secret(b"0123456789abcdef0123456789abcdef")
    assert [key.fits(ALGORITHMS[f"HS{bits}"]) for bits in (256, 384, 512)] == [True, False, False]


def test_nobody_sees_a_secret() -> None:
    """The repr names the key and shows nothing of it."""
    assert repr(of_secret(SECRET, kid="one")) == "<Key one oct>"
    assert repr(public("ES256")) == "<Key without a name P-256>"
