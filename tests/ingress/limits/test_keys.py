import re

import pytest

from ingress.auth.identity import Identity
from ingress.limits.keys import PATTERN, address, fit, key_of
from tests.ingress.limits.asked import request

_ANNA = Identity(id="sub-1", scheme="key", consumer="anna", key="ab12")
_TOKEN = Identity(id="sub-1", scheme="jwt")


@pytest.mark.parametrize(
    "by, identity, key",
    [
        ("all", None, "all"),
        ("ip", _ANNA, "203.0.113.7"),
        ("caller", _ANNA, "sub-1"),
        ("caller", None, "ip 203.0.113.7"),
        ("consumer", _ANNA, "anna"),
        ("consumer", _TOKEN, "sub-1"),
        ("consumer", None, "ip 203.0.113.7"),
        ("key", _ANNA, "ab12"),
        ("key", _TOKEN, "sub-1"),
        ("header:x-tenant", None, "t1"),
        ("header:x-api-key", None, "sha256:2bb80d537b1da3e38bd30361aa855686"),
        ("header:x-nothing", None, "ip 203.0.113.7"),
    ],
)
def test_whose_count_a_call_is(by: str, identity: Identity | None, key: str) -> None:
    """What is missing is counted by address, and what may be secret is not told."""
    headers = (("x-tenant", "t1"), ("x-tenant", "t2"), ("x-api-key", "secret"))
    assert re.match(PATTERN, by)
    assert key_of(by)(request(identity=identity, headers=headers)) == key


def test_routes_can_count_apart() -> None:
    """With ``each_route`` the same caller has a count for each route."""
    assert key_of("ip", each_route=True)(request()) == "203.0.113.7 GET /a/{id}"


def test_an_expression_says_who() -> None:
    """The value of an expression is the key, and a call without one is counted by address."""
    read = key_of("ip", "headers.tenant")
    assert read(request(headers=(("tenant", "t1"),))) == "t1"
    assert read(request()) == "ip 203.0.113.7"


@pytest.mark.parametrize(
    "text, key",
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a:socket", "a:socket"),
    ],
)
def test_an_address_is_who_has_it(text: str, key: str) -> None:
    """Of IPv6 it is the /64: whoever has one has all of its addresses."""
    assert address(request(text)) == key


@pytest.mark.parametrize("key", ["x" * 97, "é", "\ud800", "a\nb", "\0"])
def test_a_key_that_is_long_or_odd_is_hashed(key: str) -> None:
    """What cannot stand in a table or on a terminal is known by its hash, each by its own."""
    assert re.fullmatch(r"sha256:[0-9a-f]{32}", fit(key))
    assert fit(key) != fit(key + "x")


@pytest.mark.parametrize("by", ["", "nobody", "header:", "header:X-Tenant", "header:a b", "ip "])
def test_what_is_no_key_does_not_fit(by: str) -> None:
    """Other words do not fit the pattern."""
    assert not re.match(PATTERN, by)


@pytest.mark.parametrize("who", [("header:x-partner", ""), ("ip", 'headers."x-partner"')])
def test_what_may_be_a_credential_is_hidden(who: tuple[str, str]) -> None:
    """Before credentials are taken off, no value of a header is told, whatever its name."""
    flow = request(headers=(("x-partner", "secret"),))
    assert key_of(*who)(flow) == "secret"
    hidden = key_of(*who, hidden=True)
    assert hidden(flow) == "sha256:2bb80d537b1da3e38bd30361aa855686"
    assert hidden(request()) == "ip 203.0.113.7"
