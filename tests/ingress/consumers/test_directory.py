"""Who is known, in memory."""

import time

import pytest

from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused
from ingress.consumers import token
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Directory, Known, identity
from ingress.consumers.records import Consumer, Key, UsagePlan

DIGESTS = Digests(["a secret of sixteen"])
KEY = token.make()
ANNA = Consumer(name="anna", groups=("a",), scopes=("s",), roles=("r",), plan="gold")


def held(text: str = KEY, **fields: object) -> Key:
    base = {"id": token.id_of(text), "consumer": "anna", "digest": DIGESTS.make(text)}
    return Key(**{"secret": DIGESTS.name, **base, **fields})  # type: ignore[arg-type]


def directory(*keys: Key, consumer: Consumer = ANNA) -> Directory:
    ours = Directory()
    ours.declare(Known((consumer,), keys), DIGESTS)
    return ours


def test_a_key_is_its_holders() -> None:
    """With all that is known of the consumer, and the key's public id."""
    expected = Identity(
        id="anna",
        scheme="key",
        consumer="anna",
        groups=("a",),
        scopes=("s",),
        roles=("r",),
        plan="gold",
        key=token.id_of(KEY),
    )
    assert directory(held()).holder(KEY) == expected


@pytest.mark.parametrize(
    "shown",
    ["", "x", KEY[:-1], KEY + "0", "x" + KEY[:-1], KEY[:-1] + "é", KEY.swapcase(), "\udc80"],
)
def test_anything_else_is_nobodys(shown: str) -> None:
    """Also with the id of a key that there is."""
    ours = directory(held())
    assert ours.holder(shown) is None
    other = token.make()
    assert ours.holder(KEY[: -len(other) + 14] + other[14:]) is None


def test_the_prefix_is_part_of_the_key() -> None:
    """What was issued as one is not another."""
    assert directory(held()).holder(f"other{KEY}") is None


def test_a_key_made_elsewhere_is_known_by_its_digest() -> None:
    """It has no id in it."""
    ours = directory(held("made-somewhere-else", id="old", foreign=True), held())
    found = ours.holder("made-somewhere-else")
    assert found is not None
    assert (found.id, found.key) == ("anna", "old")
    assert ours.holder("made-somewhere-elsf") is None
    assert ours.holder(KEY) is not None


def test_a_key_ends_and_a_consumer_is_disabled() -> None:
    """Both are told to whoever has the key, and to nobody else."""
    ended = directory(held(expires=time.time() - 1))
    with pytest.raises(Refused, match="the key has expired"):
        ended.holder(KEY)
    assert ended.holder(KEY[:-1] + "~") is None
    with pytest.raises(Refused, match="the consumer is disabled"):
        directory(held(), consumer=Consumer(name="anna", disabled=True)).holder(KEY)
    assert directory(held(expires=time.time() + 60)).holder(KEY) is not None


def test_a_key_of_a_secret_that_is_gone_is_nobodys() -> None:
    """So is one whose consumer is not there."""
    ours = directory(held())
    ours.declare(Known((ANNA,), (held(),)), Digests(["another secret of it"]))
    assert ours.holder(KEY) is None
    assert directory(held(consumer="ben")).holder(KEY) is None


def test_of_two_with_one_name_the_files_counts() -> None:
    """Each change is seen in the generation."""
    ours = directory(held())
    before = ours.generation
    ours.learn(Known((Consumer(name="anna"), Consumer(name="ben")), (), (UsagePlan(name="gold"),)))
    assert ours.consumer("anna") is ANNA
    assert ours.consumer("ben") == Consumer(name="ben")
    assert ours.consumer("carl") is None
    assert ours.generation > before
    assert (ours.plan("gold"), [one.name for one in ours.plans]) == (
        UsagePlan(name="gold"),
        ["gold"],
    )
    assert repr(ours) == "<Directory 2 consumers, 1 keys>"


def test_after_a_change_the_others_are_as_they_were() -> None:
    """There may be very many; a change of the consumer is seen in its keys."""
    ours = directory()
    other = token.make()
    first, second = held(), held(other)
    ours.declare(Known(), DIGESTS)
    ours.learn(Known((ANNA,), (first,)))
    before = ours.holder(KEY)
    ours.learn(Known((ANNA,), (first, second)))
    assert ours.holder(KEY) is before
    assert ours.holder(other) is not None
    ours.learn(Known((Consumer(name="anna", groups=("b",)),), (first, second)))
    found = ours.holder(KEY)
    assert found is not None
    assert found.groups == ("b",)


def test_last_use_is_noted_by_id() -> None:
    """Whoever writes it down empties it."""
    ours = directory(held())
    ours.holder(KEY)
    assert list(ours.used) == [token.id_of(KEY)]
    assert abs(ours.used[token.id_of(KEY)] - time.time()) < 5


def test_an_identity_can_come_of_another_scheme() -> None:
    """As that of a consumer with a password."""
    assert identity(ANNA, scheme="basic").scheme == "basic"
