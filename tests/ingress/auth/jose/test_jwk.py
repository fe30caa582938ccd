import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.auth.jose import jwk
from tests.ingress.auth.jose.vectors import VECTORS

EC = VECTORS[2].jwk
RSA = VECTORS[1].jwk


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.source)
def test_the_keys_of_the_standards_are_read(vector: Any) -> None:
    """Each key that a standard prints is read, with its name and its kind."""
    key = jwk.of_members(vector.jwk)
    assert (key.kty, key.kid) == (vector.jwk["kty"], vector.jwk.get("kid", ""))


WRONG: dict[str, dict[str, Any]] = {
    "no kind": {},
    "a kind that is a number": {**EC, "kty": 1},
    "an unknown kind": {**EC, "kty": "AKP"},
    "an unknown curve": {**EC, "crv": "secp256k1"},
    "a curve that is not its": {**EC, "crv": "P-384"},
    "no coordinate": {"kty": "EC", "crv": "P-256", "x": EC["x"]},
    "a coordinate with padding": {**EC, "x": EC["x"] + "="},
    "a coordinate that is a number": {**EC, "x": 5},
    "a point that is not on the curve": {**EC, "y": EC["x"]},
    "for encryption": {**EC, "use": "enc"},
    "a use that is a list": {**EC, "use": ["sig"]},
    "for signing alone": {**EC, "key_ops": ["sign"]},
    "operations that are a number": {**EC, "key_ops": 5},
    "an algorithm of another kind": {**EC, "alg": "RS256"},
    "an algorithm that is none": {**EC, "alg": "none"},
    "an algorithm that is a list": {**EC, "alg": ["ES256"]},
    "a private key": {**EC, "d": EC["x"]},
    "a name that is a number": {**EC, "kid": 1},
    "a name without end": {**EC, "kid": "k" * 256},
    "a short modulus": {**RSA, "n": RSA["n"][:171]},
    "no exponent": {"kty": "RSA", "n": RSA["n"]},
    "an exponent of one": {**RSA, "e": "AQ"},
    "a secret of one character": {"kty": "oct", "k": "YQ"},
    "a secret that is too short for its algorithm": {
        "kty": "oct",
        "k": VECTORS[8].jwk["k"],
        "alg": "HS512",
    },
}


@pytest.mark.parametrize("members", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_verify_is_refused_with_a_sentence(members: dict[str, Any]) -> None:
    """A key that is wrong, weak, or for something else is an error that shows nothing of it."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is asserted on below
        jwk.of_members(members)
    text = str(caught.value)
    assert text
    assert EC["x"] not in text
    assert RSA["n"][:20] not in text


@pytest.mark.parametrize("members", WRONG.values(), ids=WRONG.keys())
def test_a_set_leaves_out_what_it_cannot_use(members: dict[str, Any]) -> None:
    """One strange key does not spoil the others (RFC 7517 section 5)."""
    data = json.dumps({"keys": [members, {**EC, "kid": "good"}, "garbage", None]}).encode()
    assert [key.kid for key in jwk.read_set(data)] == ["good"]


def test_a_secret_in_a_set_is_none() -> None:
    """A shared secret that is served to all is left out, so nobody signs with it."""
    data = json.dumps({"keys": [VECTORS[0].jwk]}).encode()
    assert jwk.read_set(data) == ()


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[],"keys":[]}'])
def test_what_is_no_set_is_an_error(data: bytes) -> None:
    """A page of the wrong kind does not pass for a set without keys."""
    with pytest.raises(ValueError):  # noqa: PT011 - each has a sentence of its own
        jwk.read_set(data)


def test_a_set_has_bounds() -> None:
    """A set of more keys than anybody has is refused."""
    data = json.dumps({"keys": [EC] * (jwk.MAX_KEYS + 1)}).encode()
    with pytest.raises(ValueError, match="at most 100 keys"):
        jwk.read_set(data)


def test_a_file_is_a_set_or_one_key_and_wholly_right() -> None:
    """In a file of one's own a wrong key is an error, not left out."""
    assert len(jwk.read(json.dumps(EC).encode())) == 1
    assert len(jwk.read(json.dumps({"keys": [EC, RSA]}).encode())) == 2
    for wrong in ({"keys": [EC, WRONG["an unknown curve"]]}, {"keys": ["x"]}, {"keys": 5}, {}):
        with pytest.raises(ValueError):  # noqa: PT011 - each has a sentence of its own
            jwk.read(json.dumps(wrong).encode())


MEMBERS = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "k", "kid", "use", "alg", "key_ops"])
VALUES = st.sampled_from(
    ["EC", "RSA", "OKP", "oct", "P-256", "Ed25519", EC["x"], "AQAB", "sig", ""]
)


@given(st.dictionaries(MEMBERS, VALUES | st.integers() | st.none() | st.lists(VALUES)))
def test_any_members_give_a_key_or_one_error(members: dict[str, Any]) -> None:
    """Nothing but a ValueError comes of a strange key."""
    with suppress(ValueError):
        jwk.of_members(members)
