import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given
from hypothesis import strategies as st

from ingress.auth.jose import base64url, jwk, jws
from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.key import Key
from ingress.auth.jose.keyset import KeySet
from ingress.auth.refusal import Refused
from tests.ingress.auth.jose.minting import (
    SECRET,
    compact,
    mint,
    pem,
    private_key,
    public,
    signer,
)
from tests.ingress.auth.jose.vectors import UNSECURED, VECTORS, Vector

ALL = tuple(ALGORITHMS)
GOOD = mint({"sub": "ann"})


def verify(token: str, *keys: Key, algorithms: tuple[str, ...] = ALL) -> bytes:
    """Give the payload that is to be believed."""
    parsed = jws.parse(token, algorithms)
    jws.verify(parsed, KeySet(keys))
    return parsed.payload


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one.source} {one.algorithm}")
def test_the_vectors_of_the_standards_verify(vector: Vector) -> None:
    """Each token that a standard prints verifies with its key, and with no other algorithm."""
    key = jwk.of_members(vector.jwk)
    payload = verify(vector.token, key, algorithms=(vector.algorithm,))
    assert payload == base64url.decode(vector.token.split(".")[1])
    others = tuple(name for name in ALL if name != vector.algorithm)
    with pytest.raises(Refused, match="algorithm"):
        verify(vector.token, key, algorithms=others)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one.source} {one.algorithm}")
def test_no_other_key_of_the_standards_verifies_a_vector(vector: Vector) -> None:
    """A token verifies with the keys of the others neither one by one nor together."""
    mine = jwk.of_members(vector.jwk)
    others = [jwk.of_members(one.jwk) for one in VECTORS if one.jwk != vector.jwk]
    others = [Key(kty=key.kty, crv=key.crv, material=key.material) for key in others]
    assert all(key.material is not mine.material for key in others)
    for keys in [others, *([key] for key in others)]:
        with pytest.raises(Refused):
            verify(vector.token, *keys)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one.source} {one.algorithm}")
def test_each_character_of_a_vector_counts(vector: Vector) -> None:
    """Change one character anywhere, or cut or add one: it is refused."""
    key = jwk.of_members(vector.jwk)
    token = vector.token
    changed = {
        token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        for at in range(0, len(token), 7)
    }
    changed |= {token[:-1], token[1:], token + "A", token + "=", token + ".", "." + token}
    for one in changed:
        with pytest.raises(Refused):
            verify(one, key)


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", "null", "HS1", "ES256K"])
def test_a_token_without_a_signature_is_refused(name: str) -> None:
    """No spelling of none is an algorithm, whatever stands where the signature would be."""
    key = public("HS256")
    header = json.dumps({"alg": name}).encode()
    for sign in (lambda _: b"", signer("HS256"), lambda _: b"\0"):
        with pytest.raises(Refused):
            verify(compact(header, b'{"sub":"ann"}', sign), key)
    with pytest.raises(Refused):
        verify(UNSECURED, key)


def test_a_public_key_is_never_a_secret() -> None:
    """Sign with the PEM file, the numbers or the JWK of a public key as secret: it is refused."""
    rsa, point = public("RS256", kid="k"), public("ES256", kid="k")
    numbers = private_key("RS256").public_key().public_numbers()
    secrets = [pem("RS256"), pem("RS256").strip(), pem("ES256"), numbers.n.to_bytes(256)]
    secrets += [
        json.dumps(VECTORS[1].jwk).encode(),
        base64url.encode(numbers.n.to_bytes(256)).encode(),
    ]
    for secret in secrets:
        for name in ("HS256", "HS384", "HS512"):
            for header in ({}, {"kid": "k"}):
                with pytest.raises(Refused, match="key that is not known"):
                    verify(mint({"sub": "eve"}, name, key=secret, header=header), rsa, point)


def test_a_key_on_another_curve_is_not_used() -> None:
    """A right signature of a P-384 key under ES256 is refused, and so is ES384 with P-256."""
    for said, used in [("ES256", "ES384"), ("ES384", "ES256"), ("ES512", "ES256")]:
        hash_ = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384()}.get(said, hashes.SHA512())
        private = private_key(used)
        token = compact(
            json.dumps({"alg": said}).encode(),
            b"{}",
            lambda data, private=private, hash_=hash_: private.sign(data, ec.ECDSA(hash_)),  # type: ignore[misc]
        )
        with pytest.raises(Refused):
            verify(token, public(used))
    with pytest.raises(Refused):
        verify(mint({}, "Ed25519", key=private_key("Ed448")), public("Ed448"))


def test_a_name_of_two_keys_is_refused() -> None:
    """A kid that two keys have verifies nothing, though one of them signed."""
    token = mint({"sub": "ann"}, header={"kid": "one"})
    other = jwk.of_members({**VECTORS[0].jwk, "kid": "one"})
    assert verify(token, public("HS256", kid="one"))
    with pytest.raises(Refused, match="not known here"):
        verify(token, public("HS256", kid="one"), other)


def test_a_key_that_the_token_brings_is_not_used() -> None:
    """A key or a place of keys in the header is not read: who sends it could sign with it."""
    eve = private_key("Ed25519")
    mine = jwk.of_members(VECTORS[4].jwk)
    x = base64url.encode(eve.public_key().public_bytes_raw())
    for brought in (
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/chain"},
        {"x5c": ["AAAA"]},
        {"kid": "../../dev/null", "x5t": "AAAA"},
    ):
        with pytest.raises(Refused, match="signature"):
            verify(mint({"sub": "eve"}, "EdDSA", key=eve, header=brought), mine)


HEADERS: dict[str, Any] = {
    "no algorithm": {},
    "an algorithm that is a number": {"alg": 256},
    "an algorithm that is a list": {"alg": ["HS256"]},
    "an algorithm that is an object": {"alg": {"HS256": 1}},
    "an algorithm that is null": {"alg": None},
    "an algorithm in small letters": {"alg": "hs256"},
    "an algorithm with a space": {"alg": "HS256 "},
    "an extension that counts": {"alg": "HS256", "crit": ["exp"], "exp": 1},
    "an empty list of them": {"alg": "HS256", "crit": []},
    "a list that is none": {"alg": "HS256", "crit": None},
    "b64 that counts": {"alg": "HS256", "crit": ["b64"], "b64": False},
    "b64 that is false": {"alg": "HS256", "b64": False},
    "b64 that is zero": {"alg": "HS256", "b64": 0},
    "compression": {"alg": "HS256", "zip": "DEF"},
    "encryption": {"alg": "HS256", "enc": "A128GCM"},
    "a token inside": {"alg": "HS256", "cty": "JWT"},
    "a name that is a number": {"alg": "HS256", "kid": 7},
    "a name that is null": {"alg": "HS256", "kid": None},
    "a name that is a list": {"alg": "HS256", "kid": ["a"]},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_is_not_as_it_must_be_is_refused(header: Any) -> None:
    """A right signature does not help a header that asks for what is not understood."""
    token = compact(json.dumps(header).encode(), b'{"sub":"ann"}', signer("HS256"))
    with pytest.raises(Refused):
        verify(token, public("HS256"))


RAW_HEADERS = [
    b'{"alg":"none","alg":"HS256"}',
    b'{"alg":"HS256","alg":"HS256"}',
    b'{"alg":"HS256","\\u0061lg":"none"}',
    b'{"alg":"HS256","kid":"a","kid":"b"}',
    b'{"alg":"HS256"} x',
    b'{"alg":"HS256",}',
    b'\xef\xbb\xbf{"alg":"HS256"}',
    '{"alg":"HS256"}'.encode("utf-16"),
    b'{"alg":"HS256\xff"}',
    b'{"alg":"HS256","x":NaN}',
    b'{"alg":"HS256","x":' + b"[" * 2000 + b"]" * 2000 + b"}",
    b'"HS256"',
    b"[]",
    b"",
]


@pytest.mark.parametrize("header", RAW_HEADERS)
def test_a_header_that_could_mean_two_things_is_refused(header: bytes) -> None:
    """Names that stand twice, other encodings and great depth are refused, though signed."""
    with pytest.raises(Refused, match="malformed"):
        verify(compact(header, b'{"sub":"ann"}', signer("HS256")), public("HS256"))


def _forms() -> dict[str, str]:
    header, payload, signature = GOOD.split(".")
    return {
        "nothing": "",
        "dots": "..",
        "two parts": f"{header}.{payload}",
        "four parts": f"{GOOD}.AAAA",
        "five parts, as when encrypted": f"{GOOD}.AAAA.AAAA",
        "a thousand dots": "." * 1000,
        "no signature": f"{header}.{payload}.",
        "no payload": f"{header}..{signature}",
        "no header": f".{payload}.{signature}",
        "padding": f"{GOOD}=",
        "padding in the header": f"{header}=.{payload}.{signature}",
        "a line break": f"{GOOD}\n",
        "a space": f" {GOOD}",
        "a space within": f"{header}. {payload}.{signature}",
        "the other alphabet": f"{header}.{payload}.{signature[:-1]}+",
        "a zero byte": f"{GOOD}\0",
        "not ASCII": f"{header}.{payload}é.{signature}",
        "other digits": f"{header}.{payload}.{signature}\u0661",
        "a lone surrogate": f"{header}.{payload}.{signature}\ud800",
        "as JSON": json.dumps({"protected": header, "payload": payload, "signature": signature}),
        "too long": mint({"sub": "a" * jws.MAX_TOKEN}),
        "a signature without end": GOOD + "A" * 5000,
        "half": GOOD[: len(GOOD) // 2],
        "twice": GOOD + GOOD,
        "twice, with a comma": f"{GOOD},{GOOD}",
    }


@pytest.mark.parametrize("token", _forms().values(), ids=_forms().keys())
def test_another_form_is_refused(token: str) -> None:
    """Cut, padded, stretched, doubled: the one form is three parts of base64url."""
    with pytest.raises(Refused):
        verify(token, public("HS256"))


def test_left_over_bits_are_refused() -> None:
    """The last character of a signature has one spelling, though others decode to the same."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(GOOD[-1])
    for bits in (1, 2, 3):
        with pytest.raises(Refused):
            verify(GOOD[:-1] + alphabet[last ^ bits], public("HS256"))


def test_an_empty_secret_signs_nothing() -> None:
    """Neither no secret nor a short one makes a token that verifies."""
    for secret in (b"\0", SECRET[:32], SECRET + b"\n"):
        with pytest.raises(Refused):
            verify(mint({}, key=secret), public("HS256"))


def test_a_token_is_not_shown() -> None:
    """Its repr names the algorithm alone: who reads a log cannot use what stands there."""
    assert repr(jws.parse(GOOD, ALL)) == "<Token HS256>"


@given(st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_=.\-]{0,60}", fullmatch=True))
@example(GOOD[:-3])
@example("e30.e30.e30")
def test_any_text_is_refused_in_one_way(text: str) -> None:
    """Nothing but a refusal comes of garbage."""
    with pytest.raises(Refused):
        verify(text, public("HS256"), public("ES256"), public("EdDSA"), public("RS256"))


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=70))
def test_any_bytes_in_the_three_parts_are_refused(
    header: bytes, payload: bytes, signature: bytes
) -> None:
    """Garbage that is well encoded is refused in the same way."""
    with pytest.raises(Refused):
        verify(compact(header, payload, lambda _: signature), public("HS256"))
