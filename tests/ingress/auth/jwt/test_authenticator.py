import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.fault import Fault
from ingress.auth.bearer import Place
from ingress.auth.identity import Identity
from ingress.auth.jose import jws
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jwt.authenticator import JwtAuthenticator
from ingress.auth.jwt.mapping import Mapped
from ingress.auth.jwt.rules import Rules
from ingress.auth.jwt.verifier import Verifier
from ingress.auth.membership import Membership
from ingress.auth.refusal import Refused
from tests.ingress.auth.asking import Consumer, Directory, Request, bearer
from tests.ingress.auth.jose.minting import mint, public


class Keys:
    """Counts how often it was asked for keys; may give them late, or not at all."""

    def __init__(self) -> None:
        self.generation = 0
        self.asked = 0
        self.keys = KeySet([public("HS256")])
        self.give: Callable[[], KeySet | Awaitable[KeySet]] = lambda: self.keys
        self.closed = False

    def find(self, token: jws.Token) -> KeySet | Awaitable[KeySet]:
        self.asked += 1
        return self.give()

    async def close(self) -> None:
        self.closed = True


class Fixture:
    """An authenticator with the parts that a test turns."""

    def __init__(self, *, consumer: str = "", remember: float = 60.0) -> None:
        self.now = 1000.0
        self.keys = Keys()
        self.directory = Directory(shop=Consumer(plan="gold"))
        self.one = JwtAuthenticator(
            "sso",
            place=Place(),
            source=self.keys,
            verifier=Verifier(("HS256",), Rules(leeway=5.0), Mapped(consumer=consumer)),
            membership=Membership(self.directory),
            remember=remember,
            capacity=100,
            forward=False,
            told={"kind": "jwt"},
            now=lambda: self.now,
        )

    def ask(self, token: str) -> Any:
        return self.one.authenticate(bearer(token))

    def token(self, **claims: Any) -> str:
        return mint({"sub": "ann", "exp": self.now + 600, **claims})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Fixture:
    """A fixture whose clock is also that of what is remembered."""
    fixture = Fixture()
    monkeypatch.setattr("ingress.auth.verified.time.time", lambda: fixture.now)
    return fixture


def test_a_token_is_verified_once(clock: Fixture) -> None:
    """The second call with a token asks for no key; the identity is the same."""
    token = clock.token()
    first, second = clock.ask(token), clock.ask(token)
    assert first is second
    assert (first.id, first.scheme, clock.keys.asked) == ("ann", "jwt", 1)


def test_what_is_remembered_ends_with_the_token(clock: Fixture) -> None:
    """After its end, with the leeway, a token that was good is refused."""
    token = clock.token(exp=clock.now + 10)
    assert clock.ask(token)
    clock.now += 14.9
    assert clock.ask(token)
    clock.now += 0.1
    with pytest.raises(Refused, match="expired"):
        clock.ask(token)


def test_what_is_remembered_ends_by_itself(clock: Fixture) -> None:
    """A token that lasts long is verified again now and then."""
    token = clock.token(exp=clock.now + 3600)
    clock.ask(token)
    clock.now += 60
    clock.ask(token)
    assert clock.keys.asked == 2


def test_a_key_that_was_taken_back_verifies_nothing(clock: Fixture) -> None:
    """When the keys change, what they had verified is verified again."""
    token = clock.token()
    assert clock.ask(token)
    clock.keys.keys = KeySet()
    clock.keys.generation += 1
    with pytest.raises(Refused, match="key that is not known"):
        clock.ask(token)


def test_a_consumer_that_was_disabled_is_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered does not outlive a change of the consumers."""
    fixture = Fixture(consumer="azp")
    monkeypatch.setattr("ingress.auth.verified.time.time", lambda: fixture.now)
    token = fixture.token(azp="shop")
    assert (fixture.ask(token).consumer, fixture.ask(token).plan) == ("shop", "gold")
    fixture.directory.consumers["shop"] = Consumer(disabled=True)
    fixture.directory.generation += 1
    with pytest.raises(Refused, match="disabled"):
        fixture.ask(token)
    with pytest.raises(Refused, match="not known here"):
        fixture.ask(fixture.token(azp="other"))
    with pytest.raises(Refused, match="names no consumer"):
        fixture.ask(fixture.token())


def test_a_refusal_is_not_remembered(clock: Fixture) -> None:
    """A token that is not valid yet is valid later."""
    token = clock.token(nbf=clock.now + 20)
    for _ in range(2):
        with pytest.raises(Refused, match="not valid yet"):
            clock.ask(token)
    clock.now += 20
    assert clock.ask(token).id == "ann"


async def test_keys_may_come_later(clock: Fixture) -> None:
    """While the keys are fetched the call waits, and then has its answer."""

    async def late() -> KeySet:
        await asyncio.sleep(0)
        return clock.keys.keys

    clock.keys.give = late
    found = await clock.ask(clock.token())
    assert isinstance(found, Identity)
    with pytest.raises(Refused, match="signature"):
        await clock.ask(clock.token()[:-4] + "AAAA")


async def test_without_keys_it_cannot_be_told(clock: Fixture) -> None:
    """A fault of the keys is a fault of the call: nobody gets in."""

    def away() -> KeySet:
        raise Fault("auth_unavailable")

    clock.keys.give = away
    with pytest.raises(Fault, match="auth_unavailable"):
        clock.ask(clock.token())


def test_no_token_is_no_answer(clock: Fixture) -> None:
    """A request without a token of this kind is for another authenticator."""
    assert clock.one.authenticate(Request(("authorization", "Basic YTpi"))) is None
    assert clock.one.authenticate(Request()) is None


async def test_it_tells_about_itself(clock: Fixture) -> None:
    """Challenge, settings and repr are for clients and operators, and it closes its keys."""
    assert clock.one.challenge(None) == 'Bearer realm="queuegate"'
    assert clock.one.settings() == {"kind": "jwt"}
    assert repr(clock.one) == "<JwtAuthenticator sso <Verified 0 of 100>>"
    assert clock.one.credentials.headers == {"authorization"}
    await clock.one.close()
    assert clock.keys.closed


def test_nothing_is_remembered_where_it_is_not_wanted() -> None:
    """With no time to remember each call is verified."""
    fixture = Fixture(remember=0)
    token = fixture.token()
    fixture.ask(token)
    fixture.ask(token)
    assert fixture.keys.asked == 2
