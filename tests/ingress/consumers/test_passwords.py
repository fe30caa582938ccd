"""Passwords of consumers."""

import asyncio

import pytest

from contracts.fault import Fault
from ingress.consumers import passwords
from ingress.consumers.passwords import Verifier

# RFC 9106's parameters would take a second of this test; the format is the same.
CHEAP = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$0WgHL735p5Q"


async def test_a_password_fits_its_hash_and_no_other_does() -> None:
    """In argon2id, whatever letters it has."""
    hashed = await asyncio.to_thread(passwords.make, "schlüssel:\udc80")
    assert hashed.startswith("$argon2id$")
    assert "schl" not in hashed
    ours = Verifier()
    assert await ours.verify(hashed, "schlüssel:\udc80")
    assert not await ours.verify(hashed, "schlussel")
    assert not await ours.verify("no hash at all", "x")
    ours.close()


@pytest.mark.parametrize("wrong", ["", "x" * 1025, "ü" * 513])
def test_a_password_has_a_length(wrong: str) -> None:
    """Nobody makes us hash a book."""
    with pytest.raises(ValueError, match="at most 1024 bytes"):
        passwords.make(wrong)


def test_a_hash_is_told_from_a_password() -> None:
    """Who writes the password itself into the file is told how to hash it."""
    assert passwords.check_hash(CHEAP) == CHEAP
    for wrong in ("", "hush", "$2b$12$" + "x" * 53, "$argon2id$v=19$m=8$x"):
        with pytest.raises(ValueError, match="argon2 hash"):
            passwords.check_hash(wrong)


async def test_only_so_many_wait() -> None:
    """The others are told to come again."""
    ours = Verifier()
    waiting = [asyncio.ensure_future(ours.verify(CHEAP, "x")) for _ in range(200)]
    done = await asyncio.gather(*waiting, return_exceptions=True)
    refused = [one for one in done if isinstance(one, Fault)]
    assert {one.code for one in refused} == {"overloaded"}
    assert 0 < len(refused) < 200
    assert repr(ours) == "<Verifier 0 waiting>"
    ours.close()
