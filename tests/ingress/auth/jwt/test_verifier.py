import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jwt.mapping import Mapped
from ingress.auth.jwt.rules import Rules
from ingress.auth.jwt.verifier import Verifier
from ingress.auth.refusal import Refused
from tests.ingress.auth.jose.minting import compact, mint, public, signer

NOW = 1_800_000_000.0
CLAIMS = {"sub": "ann", "exp": NOW + 60, "iss": "https://id.example", "aud": "orders"}
RULES = Rules(issuers=("https://id.example",), audiences=("orders",))


def verifier(*algorithms: str) -> Verifier:
    return Verifier(algorithms or ("HS256",), RULES, Mapped())


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_a_token_of_each_algorithm_says_who_is_calling(algorithm: str) -> None:
    """Signed with any algorithm, a right token gives an identity, a changed one does not."""
    one, keys = verifier(algorithm), KeySet([public(algorithm)])
    token = mint(CLAIMS, algorithm)
    found = one.identify(one.parse(token), keys, NOW)
    assert (found.id, found.scheme, found.expires) == ("ann", "jwt", NOW + 60)
    header, _, signature = token.split(".")
    changed = ".".join((header, mint({**CLAIMS, "sub": "eve"}).split(".")[1], signature))
    with pytest.raises(Refused, match="signature"):
        one.identify(one.parse(changed), keys, NOW)


def test_claims_are_read_after_the_signature() -> None:
    """Of a forged token nothing is told, not even that it has expired."""
    token = mint({**CLAIMS, "exp": 1}, key=b"x" * 32)
    one = verifier()
    with pytest.raises(Refused, match="signature"):
        one.identify(one.parse(token), KeySet([public("HS256")]), NOW)


PAYLOADS = [
    b"", b"[]", b"null", b'"ann"', b"5", b"{", b"\xff", b'{"sub":"\xff"}', b"Payload",
    b'{"sub":"ann","sub":"eve","exp":1800000060}',
    b'{"sub":"ann","exp":1,"exp":1800000060}',
    b'{"sub":"ann","exp":NaN}', b'{"sub":"ann","exp":Infinity}', b'{"sub":"ann","exp":1e999}',
    b'{"sub":"ann","exp":1' + b"0" * 6000 + b"}",
    b'{"sub":"\\ud800","exp":1800000060}',
    b'{"sub":"ann","exp":1800000060,"x":' + b"[" * 2000 + b"]" * 2000 + b"}",
    '{"sub":"ann","exp":1800000060}'.encode("utf-16"),
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: repr(payload[:30]))
def test_claims_that_are_none_are_refused(payload: bytes) -> None:
    """A right signature over garbage is a refusal, never a crash."""
    token = compact(b'{"alg":"HS256"}', payload, signer("HS256"))
    one = Verifier(("HS256",), Rules(), Mapped())
    with pytest.raises(Refused):
        one.identify(one.parse(token), KeySet([public("HS256")]), NOW)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(["sub", "exp", "nbf", "iat", "iss", "aud", "scope", "scp", "roles", "jti"])


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(st.sampled_from(["typ", "kid"]), VALUES))
def test_any_claims_give_an_identity_or_a_refusal(
    claims: dict[str, object], header: dict[str, object]
) -> None:
    """Whatever a trusted signer signs, nothing but a refusal comes of what is wrong."""
    one = Verifier(("HS256",), Rules(audiences=None, required=()), Mapped())
    head = json.dumps({"alg": "HS256", **header}).encode()
    token = compact(head, json.dumps(claims).encode(), signer("HS256"))
    try:
        found = one.identify(one.parse(token), KeySet([public("HS256")]), NOW)
    except Refused:
        return
    assert found.id == claims["sub"]
