"""Keys that sign and check statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.callers.keys import decode, encode, read_keys
from tests.contracts.callers.rings import PAIR, PUBLIC, SECRET, ring


def test_a_set_is_read_in_its_order() -> None:
    """Both kinds, and the public half alone cannot sign."""
    pair, secret, public = read_keys(ring(PAIR, SECRET, {**PUBLIC, "kid": "old"}))
    assert [repr(key) for key in (pair, secret, public)] == [
        "<Ed25519 pair>",
        "<Hmac secret>",
        "<Ed25519 old public>",
    ]
    assert [key.private for key in (pair, secret, public)] == [True, True, False]
    with pytest.raises(ValueError, match="cannot sign"):
        public.sign(b"x")


def test_one_key_is_a_set_of_one() -> None:
    """As tools print it that make one."""
    (key,) = read_keys(str(SECRET).replace("'", '"'))
    assert key.id == "secret"


@pytest.mark.parametrize("key", [PAIR, SECRET], ids=["pair", "secret"])
def test_what_is_signed_is_known_again_and_nothing_else(key: dict[str, str]) -> None:
    """One bit makes another signature, and a short one is none."""
    (one,) = read_keys(ring(key))
    signature = one.sign(b"data")
    assert one.verify(b"data", signature)
    assert not one.verify(b"date", signature)
    assert not one.verify(b"data", signature[:-1])
    assert not one.verify(b"data", b"")
    assert not one.verify(b"data", bytes([signature[0] ^ 1]) + signature[1:])


def test_the_signature_is_that_of_the_rfc() -> None:
    """RFC 8037 appendix A.4: the example of a signed token."""
    (key,) = read_keys(ring(PAIR))
    signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    assert encode(key.sign(signed)) == (
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "from 1 to 16 keys"),
        ('{"keys": []}', "from 1 to 16 keys"),
        (ring(*[{**SECRET, "kid": str(number)} for number in range(17)]), "from 1 to 16"),
        ('{"keys": [1]}', "needs a `kid`"),
        (ring({**SECRET, "kid": "a b"}), "needs a `kid`"),
        (ring({**SECRET, "k": "c2hvcnQ"}), "less than 32 bytes"),
        (ring({**SECRET, "k": "not base64!"}), "`k` of the key 'secret'"),
        (ring({**SECRET, "alg": "HS512"}), "is for HS256"),
        (ring({**SECRET, "use": "enc"}), "not for signatures"),
        (ring({**PAIR, "crv": "X25519"}), "neither `oct` nor"),
        (ring({**PAIR, "kty": "RSA"}), "neither `oct` nor"),
        (ring({**PAIR, "x": PAIR["d"]}), "do not belong together"),
        (ring({**PAIR, "x": "AA"}), "`x` of the key 'pair'"),
        (ring(PAIR, {**SECRET, "kid": "pair"}), "the same `kid`"),
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(text: str, complaint: str) -> None:
    """The sentence says which and what, and never holds a part of a secret."""
    with pytest.raises(ValueError, match=complaint) as caught:
        read_keys(text)
    assert all(secret not in str(caught.value) for secret in (PAIR["d"], SECRET["k"], "c2hvcnQ"))


@given(st.binary(max_size=40))
def test_base64url_is_there_and_back(data: bytes) -> None:
    """Without padding."""
    assert decode(encode(data)) == data


@pytest.mark.parametrize("text", ["A", "AB", "AA=", "A+", "A A", "AA\n", "é"])
def test_a_second_spelling_is_none(text: str) -> None:
    """Padding, other alphabets and bits behind the end are refused: a token has one form."""
    with pytest.raises(ValueError, match="base64url"):
        decode(text)
