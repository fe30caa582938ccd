"""Telling callers by name and password."""

import asyncio
import base64
from collections.abc import Awaitable, Iterator

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.auth.basic import authenticator
from ingress.auth.basic.authenticator import BasicAuthenticator
from ingress.auth.basic.sections import BasicSection
from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Directory, Known
from ingress.consumers.passwords import Verifier
from ingress.consumers.records import Consumer
from tests.ingress.auth.shown import shown
from tests.ingress.policies.asked import Asked

_CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = _CHEAP.hash("open sesame: ü")


class Counting(Verifier):
    """Counts what is really verified, and against which hash."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    async def verify(self, hashed: str, password: str) -> bool:
        """Note it."""
        self.seen.append(hashed)
        return await super().verify(hashed, password)


class Door:
    """An authenticator with its directory."""

    def __init__(self, *consumers: Consumer) -> None:
        self.directory = Directory()
        self.say(*consumers)
        self.way = BasicAuthenticator("staff", BasicSection(realm="shop"), self.directory)
        self.verifier = self.way._verifier = Counting()

    def say(self, *consumers: Consumer) -> None:
        """Have these consumers."""
        self.directory.declare(Known(consumers), Digests())

    async def ask(self, asked: Asked) -> Identity | None:
        """Ask, and wait if need be."""
        found = self.way.authenticate(asked)
        return await found if isinstance(found, Awaitable) else found


@pytest.fixture
def door() -> Iterator[Door]:
    """Anna has a password, Ben none."""
    made = Door(
        Consumer(name="anna", password=HASH, groups=("a",), plan="gold"), Consumer(name="ben")
    )
    yield made
    made.verifier.close()


def basic(name: str, password: str) -> Asked:
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return shown(authorization=f"Basic {text}")


async def test_name_and_password_are_a_consumers(door: Door) -> None:
    """In UTF-8, colons in the password (RFC 7617 section 2), with all that is known of it."""
    found = await door.ask(basic("anna", "open sesame: ü"))
    assert found == Identity(id="anna", scheme="basic", consumer="anna", groups=("a",), plan="gold")


async def test_a_password_is_verified_once(door: Door) -> None:
    """After that it is answered at once, and a change of the consumer is seen."""
    calls = [door.ask(basic("anna", "open sesame: ü")) for _ in range(20)]
    await asyncio.gather(*calls)
    assert len(door.verifier.seen) == 1
    door.say(Consumer(name="anna", password=HASH, groups=("b",)))
    again = door.way.authenticate(basic("anna", "open sesame: ü"))
    assert isinstance(again, Identity)
    assert again.groups == ("b",)
    door.say(Consumer(name="anna", password=_CHEAP.hash("another")))
    with pytest.raises(Refused):
        await door.ask(basic("anna", "open sesame: ü"))


async def test_who_guesses_drives_out_no_good_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong ones have a memory of their own."""
    monkeypatch.setattr(authenticator, "_CAPACITY", 1)
    door = Door(Consumer(name="anna", password=HASH))
    await door.ask(basic("anna", "open sesame: ü"))
    for guess in ("one", "two"):
        with pytest.raises(Refused):
            await door.ask(basic("anna", guess))
    assert isinstance(door.way.authenticate(basic("anna", "open sesame: ü")), Identity)
    door.verifier.close()


@pytest.mark.parametrize("name", ["anna", "ben", "nobody", ""])
async def test_who_is_wrong_hears_the_same_after_the_same_work(door: Door, name: str) -> None:
    """A name that is not there costs a verification too, of as dear a hash."""
    with pytest.raises(Refused) as caught:
        await door.ask(basic(name, "guess"))
    assert caught.value.reason == "name or password is wrong"
    assert door.verifier.seen == [HASH]
    with pytest.raises(Refused):
        door.way.authenticate(basic(name, "guess"))
    assert len(door.verifier.seen) == 1


async def test_nobodys_hash_is_made_where_there_is_none() -> None:
    """Then it costs what a new one would."""
    door = Door()
    with pytest.raises(Refused):
        await door.ask(basic("nobody", "guess"))
    assert door.verifier.seen[0].startswith("$argon2id$")
    door.verifier.close()


async def test_a_disabled_consumer_is_told_so_with_the_right_password_only(door: Door) -> None:
    """Others hear what they always hear."""
    door.say(Consumer(name="anna", password=HASH, disabled=True))
    with pytest.raises(Refused, match="disabled"):
        await door.ask(basic("anna", "open sesame: ü"))
    with pytest.raises(Refused, match="wrong"):
        await door.ask(basic("anna", "guess"))


@pytest.mark.parametrize(
    "text",
    [
        "Basic ",
        "Basic !!!!",
        "Basic YQ",
        "Basic YW5uYQ==",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"an\x00na:x").decode(),
        "Basic " + "A" * 5000,
        "basic \udc80",
    ],
)
async def test_what_cannot_be_read_is_refused(door: Door, text: str) -> None:
    """Before anything is verified."""
    with pytest.raises(Refused) as caught:
        await door.ask(shown(authorization=text))
    assert caught.value.error == "invalid_request"
    assert door.verifier.seen == []


@given(
    st.text(max_size=60) | st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode())
)
def test_any_text_is_credentials_or_refused(text: str) -> None:
    """Whatever stands behind the scheme, nothing else comes of it."""
    try:
        name, password = authenticator._read(text)
    except Refused as refused:
        assert refused.error == "invalid_request"  # noqa: PT017 - both may be
    else:
        assert ":" not in name
        assert (name + password).isprintable()


def test_other_schemes_are_others(door: Door) -> None:
    """So is no field at all."""
    assert door.way.authenticate(shown(authorization="Bearer x")) is None
    assert door.way.authenticate(shown(authorization="Basic")) is None
    assert door.way.authenticate(shown()) is None


async def test_who_leaves_takes_the_answer_from_nobody(door: Door) -> None:
    """Two wait for one verification, and one of them hangs up."""
    first, second = (
        asyncio.ensure_future(door.ask(basic("anna", "open sesame: ü"))) for _ in range(2)
    )
    await asyncio.sleep(0)
    first.cancel()
    found = await second
    assert found is not None
    assert len(door.verifier.seen) == 1


async def test_too_many_at_a_time_are_told_to_come_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no verdict, and nothing is remembered of it."""

    async def full(*_: str) -> bool:
        raise Fault("overloaded")

    monkeypatch.setattr(door.verifier, "verify", full)
    with pytest.raises(Fault, match="overloaded"):
        await door.ask(basic("anna", "open sesame: ü"))
    monkeypatch.undo()
    assert await door.ask(basic("anna", "open sesame: ü")) is not None


async def test_it_asks_as_the_standard_has_it(door: Door) -> None:
    """With its realm and charset (RFC 7617 section 2.1)."""
    challenge = 'Basic realm="shop", charset="UTF-8"'
    assert door.way.challenge(None) == door.way.challenge(Refused("no")) == challenge
    assert (door.way.settings(), repr(door.way)) == (
        {"kind": "basic"},
        "<BasicAuthenticator staff>",
    )
    assert authenticator._RIGHT_FOR > authenticator._WRONG_FOR
    await door.way.close()
