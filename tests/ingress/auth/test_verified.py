"""Credentials that were verified before."""

import time

from ingress.auth.identity import Identity
from ingress.auth.verified import Verified

ANNA = Identity(id="anna", scheme="jwt")


def test_it_knows_what_was_verified_until_it_ends() -> None:
    """And nothing but the very same credential."""
    verified = Verified()
    verified.put("token", ANNA, time.time() + 60)
    assert verified.get("token") is ANNA
    assert verified.get("token2") is None
    assert verified.get("") is None


def test_what_has_ended_is_gone() -> None:
    """It is not kept either."""
    verified = Verified()
    verified.put("token", ANNA, time.time())
    assert verified.get("token") is None
    assert len(verified) == 0


def test_it_is_bounded_and_the_oldest_goes_first() -> None:
    """However many credentials strangers make up."""
    verified = Verified(3)
    for number in range(10):
        verified.put(f"token {number}", ANNA, time.time() + 60)
    assert len(verified) == 3
    assert [verified.get(f"token {number}") is ANNA for number in (6, 7, 9)] == [False, True, True]


def test_it_forgets_when_told() -> None:
    """As when a key was withdrawn."""
    verified = Verified()
    verified.put("token", ANNA, time.time() + 60)
    verified.clear()
    assert verified.get("token") is None


def test_it_keeps_no_credential() -> None:
    """Neither its repr nor its memory has one."""
    verified = Verified()
    verified.put("hush-hush", ANNA, time.time() + 60)
    assert repr(verified) == "<Verified 1 of 10000>"
    assert not any(b"hush" in key for key in verified._known)


def test_any_text_may_be_shown() -> None:
    """Also one that is no UTF-8."""
    assert Verified().get("\udc80" * 10) is None
