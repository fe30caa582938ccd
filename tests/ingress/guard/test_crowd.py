"""How many connections there are, in all and from one address."""

import resource

import pytest

from ingress.guard.crowd import Crowd


def _code(crowd: Crowd, address: str, *, trusted: bool = False) -> str:
    fault = crowd.enter(address, trusted=trusted)
    return fault.code if fault else ""


def test_one_too_many_has_no_place() -> None:
    """It is told, and counts until it leaves."""
    crowd = Crowd(2)
    assert [_code(crowd, "10.0.0.1") for _ in range(3)] == ["", "", "overloaded"]
    assert crowd.size == 3
    crowd.leave("10.0.0.1")
    crowd.leave("10.0.0.1")
    assert _code(crowd, "10.0.0.1") == ""


def test_one_address_has_a_limit_of_its_own() -> None:
    """Others are not touched by it, and a trusted proxy speaks for many."""
    crowd = Crowd(100, 1)
    assert _code(crowd, "10.0.0.1") == ""
    assert _code(crowd, "10.0.0.1") == "too_many_connections"
    assert _code(crowd, "10.0.0.2") == ""
    assert _code(crowd, "10.0.0.1", trusted=True) == ""


def test_a_network_of_ipv6_is_one_address() -> None:
    """Its customer has 2**64 of them."""
    crowd = Crowd(100, 1)
    assert _code(crowd, "2001:db8::1") == ""
    assert _code(crowd, "2001:db8::ffff:1") == "too_many_connections"
    assert _code(crowd, "2001:db8:0:1::1") == ""


def test_who_left_leaves_nothing_behind() -> None:
    """Addresses that are gone take no memory."""
    crowd = Crowd(100_000)
    for number in range(300):
        address = f"10.0.{number // 256}.{number % 256}"
        crowd.enter(address)
        crowd.leave(address)
    assert repr(crowd).endswith("from 0 addresses>")
    assert crowd.size == 0


def test_nobody_is_let_in_for_whom_there_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepting would fail, for the connections of the broker as well."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 512))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    assert Crowd(10_000).most == 156
    assert Crowd(50).most == 50


def test_the_limit_of_open_files_is_raised_as_far_as_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many systems give 1024 and allow more to who asks."""
    limit = [256, 1000]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(limit))
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: limit.__setitem__(0, given[0]))
    assert Crowd(600).most == 600
    assert limit == [700, 1000]
    assert Crowd(10_000).most == 900
