"""What an API key looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.consumers import token


def test_a_key_has_prefix_id_secret_and_checksum() -> None:
    """In letters and digits alone, so that a double click takes all of it."""
    made = token.make("acme_live")
    prefix, name, secret = made.rsplit("_", 2)
    assert (prefix, len(name), len(secret)) == ("acme_live", 10, 38)
    assert token.id_of(made) == name
    assert token.is_sound(made)
    assert made.replace("_", "").isalnum()


def test_no_two_are_the_same() -> None:
    """Neither is their id."""
    made = {token.make() for _ in range(1000)}
    assert len({token.id_of(one) for one in made}) == len(made) == 1000


@given(st.integers(0, 51), st.sampled_from("0Az"))
def test_a_mistyped_key_is_seen(place: int, letter: str) -> None:
    """By its checksum, without asking anybody."""
    made = token.make()
    typed = made[:place] + letter + made[place + 1 :]
    assert token.is_sound(typed) == (typed == made)


@pytest.mark.parametrize("text", ["", "_", "x" * 600, "\udc80" * 52, "qg__" + "0" * 38, "é" * 52])
def test_what_is_no_key_is_none(text: str) -> None:
    """Whatever was sent, it is only not a key."""
    assert not token.is_sound(text)
    assert len(token.id_of(text)) <= 10
