"""The worker's half: what it believes, and what it does not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import Call, Caller
from contracts.callers import verifier as verifiers
from contracts.callers.keys import encode, read_keys
from contracts.callers.signer import Covers, Signer
from contracts.callers.verifier import Unverified, Verifier
from tests.contracts.callers.rings import PAIR, PUBLIC, SECRET, ring

NOW = 1_700_000_000
PRIVATE, SHARED = read_keys(ring(PAIR, SECRET))
KNOWN = read_keys(ring(PUBLIC, SECRET))
CALL = Call(
    id="r-1", operation="orders.get", route="GET /o", caller=Caller("ann"), deadline=NOW * 1000
)
ASKED = Message(body=b"body", headers={"x-operation": "orders.get"})


def verifier(now: float = NOW) -> Verifier:
    return Verifier(KNOWN, clock=lambda: now)


def sent(token: object, message: Message = ASKED) -> Message:
    return replace(message, headers={**message.headers, "x-caller": token})


def signed(covers: Covers = "call", call: Call = CALL, key: Any = PRIVATE) -> str:
    return Signer(key, covers=covers, clock=lambda: NOW).token(call, ASKED)


def forged(head: object, payload: object, key: Any = SHARED) -> str:
    parts = [encode(json.dumps(part).encode()) for part in (head, payload)]
    data = ".".join(parts)
    return f"{data}.{encode(key.sign(data.encode()))}"


HEAD = {"alg": "HS256", "kid": "secret", "typ": "queuegate-caller+jwt"}
PAYLOAD = {
    "iss": "queuegate",
    "aud": "orders",
    "op": "orders.get",
    "route": "GET /o",
    "iat": NOW,
    "exp": NOW + 5,
    "sub": "ann",
}


@pytest.mark.parametrize("covers", ["call", "caller"])
@pytest.mark.parametrize("key", [PRIVATE, SHARED], ids=["pair", "secret"])
def test_what_the_gateway_signed_is_believed(covers: Covers, key: Any) -> None:
    """By whichever of the keys that are known, and more than once."""
    one = verifier()
    message = sent(signed(covers, key=key))
    assert one.verify(CALL, message).sub == "ann"
    assert one.verify(CALL, message).caller == CALL.caller


def test_a_statement_of_another_tongue_is_believed() -> None:
    """Any JOSE library writes the same thing."""
    assert verifier().verify(CALL, sent(forged(HEAD, PAYLOAD))).sub == "ann"


@pytest.mark.parametrize("token", [None, "", 7, b"a.b.c", ["a"], "a.b", "a.b.c.d", "x" * 20_000])
def test_a_call_without_a_statement_is_not(token: object) -> None:
    """Whatever stands in its place."""
    with pytest.raises(Unverified):
        verifier().verify(CALL, sent(token))


@pytest.mark.parametrize(
    "head",
    [
        {**HEAD, "alg": "none"},
        {**HEAD, "alg": "EdDSA"},
        {**HEAD, "alg": "HS512"},
        {**HEAD, "kid": "pair"},
        {**HEAD, "kid": "stranger"},
        {**HEAD, "typ": "JWT"},
        {**HEAD, "crit": ["b64"]},
        {**HEAD, "jwk": SECRET},
        {"alg": "HS256", "kid": "secret"},
        [],
        1,
    ],
)
def test_a_key_is_used_for_its_own_algorithm_alone(head: object) -> None:
    """No confusion of keys, no `none`, no key that the token brings with it."""
    with pytest.raises(Unverified):
        verifier().verify(CALL, sent(forged(head, PAYLOAD)))


def test_a_public_key_is_no_secret() -> None:
    """Who signs with the bytes of the public half as an HMAC secret is not believed."""
    (confused,) = read_keys(ring({"kty": "oct", "kid": "pair", "k": PUBLIC["x"]}))
    token = forged({**HEAD, "kid": "pair"}, PAYLOAD, confused)
    with pytest.raises(Unverified, match="signature is wrong"):
        verifier().verify(CALL, sent(token))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW - 6},
        {"iat": NOW + 6},
        {"aud": "stock"},
        {"op": "orders.drop"},
        {"route": "GET /p"},
        {"iss": "else"},
        {"jti": "r-2"},
        {"jti": "r-1"},
        {"sha256": "x"},
        {"exp": "soon"},
        {"exp": True},
        {"scopes": "all"},
        {"sub": None},
    ],
)
def test_a_statement_about_something_else_is_not_believed(change: dict[str, Any]) -> None:
    """Signed or not: another time, service, operation, route or call."""
    with pytest.raises(Unverified):
        verifier().verify(CALL, sent(forged(HEAD, {**PAYLOAD, **change})))


def test_clocks_may_differ_by_seconds() -> None:
    """Both ways."""
    for now in (NOW - 5, NOW + 10):
        assert verifier(now).verify(CALL, sent(forged(HEAD, PAYLOAD)))
    for now in (NOW - 6, NOW + 11):
        with pytest.raises(Unverified, match="over, or the clocks differ"):
            verifier(now).verify(CALL, sent(forged(HEAD, PAYLOAD)))


def test_one_that_was_kept_is_held_against_the_clock_again() -> None:
    """What was right a moment ago may be over now."""
    now = [float(NOW)]
    one = Verifier(KNOWN, clock=lambda: now[0])
    message = sent(signed("caller"))
    assert one.verify(CALL, message)
    now[0] += 60
    with pytest.raises(Unverified, match="over"):
        one.verify(CALL, message)


@pytest.mark.parametrize(
    "call, message",
    [
        (CALL, replace(ASKED, body=b"another")),
        (replace(CALL, id="r-2"), ASKED),
        (CALL, replace(ASKED, headers={"x-operation": "orders.get", "x-param-id": "8"})),
        (replace(CALL, route="GET /p"), ASKED),
        (replace(CALL, operation="orders.drop"), ASKED),
    ],
)
def test_a_statement_about_a_call_is_worth_nothing_with_another(
    call: Call, message: Message
) -> None:
    """Who saw one cannot put words of his own beside it."""
    with pytest.raises(Unverified):
        verifier().verify(call, sent(signed(), message))


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """And statements about single calls are not kept at all."""
    monkeypatch.setattr(verifiers, "_MOST", 3)
    one = verifier()
    one.verify(CALL, sent(signed()))
    assert not one._checked
    for number in range(10):
        call = replace(CALL, caller=Caller(id=str(number)))
        one.verify(call, sent(signed("caller", call)))
    assert len(one._checked) <= 3


@given(st.data())
def test_a_token_with_one_character_changed_is_not_believed(data: st.DataObject) -> None:
    """Wherever it is."""
    token = signed("caller")
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.=+/ ").filter(lambda one: one != token[at]))
    with pytest.raises(Unverified):
        verifier().verify(CALL, sent(token[:at] + other + token[at + 1 :]))


@given(st.text(max_size=60) | st.text(st.sampled_from("ab.-_="), max_size=30))
def test_garbage_is_not_believed(token: str) -> None:
    """Any text gives a sentence, and no other error."""
    with pytest.raises(Unverified):
        verifier().verify(CALL, sent(token))


def test_without_keys_nothing_is_believed() -> None:
    """A verifier without keys would be a mistake that lets nobody through."""
    with pytest.raises(ValueError, match="without a key"):
        Verifier([])
    assert repr(verifier()) == "<Verifier <Ed25519 pair public>, <Hmac secret>>"
