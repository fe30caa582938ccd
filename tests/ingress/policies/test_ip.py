"""Addresses that are answered, and those that are not."""

import pytest
from msgspec.structs import replace

from contracts.call import Caller
from contracts.fault import Fault
from ingress.policies import ip
from tests.ingress.policies.asked import Asked


def verdict(address: str, allow: tuple[str, ...] = (), deny: tuple[str, ...] = ()) -> str:
    policy = ip.build({"ip": {"allow": allow or None, "deny": deny or None}})
    assert policy is not None
    asked = Asked()
    asked.call = replace(asked.call, caller=Caller(address=address))
    try:
        return "" if policy.admit(asked) is None else "answered"
    except Fault as fault:
        return fault.code


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::5%eth0"])
def test_who_is_allowed_passes(address: str) -> None:
    """In whatever notation the address comes."""
    assert verdict(address, allow=("10.0.0.0/8", "2001:db8::/32")) == ""


@pytest.mark.parametrize("address", ["11.0.0.1", "::1", "::a01:203", "", "unix"])
def test_who_is_not_allowed_is_forbidden(address: str) -> None:
    """One without an address too: a list that cannot be asked lets nobody through."""
    assert verdict(address, allow=("10.0.0.0/8",)) == "forbidden"


@pytest.mark.parametrize("address", ["10.6.6.6", "::ffff:10.6.6.6", ""])
def test_who_is_denied_is_forbidden(address: str) -> None:
    """Denied beats allowed, and the other notation is no way around it."""
    assert verdict(address, deny=("10.6.0.0/16",)) == "forbidden"
    assert verdict(address, allow=("10.0.0.0/8",), deny=("10.6.0.0/16",)) == "forbidden"


def test_who_is_not_denied_passes() -> None:
    """Without a list of the allowed everybody else is."""
    assert verdict("10.7.0.1", deny=("10.6.0.0/16",)) == ""


def test_it_is_there_only_where_it_was_asked_for() -> None:
    """Off costs nothing."""
    assert ip.build({}) is None
    assert ip.build({"ip": "off"}) is None
    policy = ip.build({"ip": {"allow": None, "deny": ("::1",)}})
    assert repr(policy) == "<Ip allow=None deny=<Networks ::1>>"
