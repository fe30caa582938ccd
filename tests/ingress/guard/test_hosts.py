"""What a Host field may say."""

import pytest

from ingress.guard import hosts


@pytest.mark.parametrize(
    "host",
    ["", "a", "a.example:443", "my_shop", "127.0.0.1:0", "[::1]", "[2001:db8::1]:65535", "a."],
)
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    """With a port, or without; nothing is said to mean no host."""
    assert hosts.well_formed(host)


@pytest.mark.parametrize(
    "host",
    [
        *("a b", "a,b", "u@a", "a/b", "a:", "a:b", "a:65536", "a:000080", "::1", "[::1", "[a]"),
        *("a%2e", "\n", "a" * 256, "*", "a\n", "\u0430", "a:\u0661"),
    ],
)
def test_what_else_is_said_is_no_host(host: str) -> None:
    """Lists, users, paths, and what readers decode or split in ways of their own."""
    assert not hosts.well_formed(host)


def test_any_host_is_allowed_where_none_is_named() -> None:
    """Even none at all, as HTTP/1.0 may have it."""
    assert "a.example" in hosts.ANY
    assert "" in hosts.ANY


@pytest.mark.parametrize(
    "host,allowed",
    [
        ("shop.example", True),
        ("SHOP.example:8443", True),
        ("shop.example.", True),
        ("www.shop.example", False),
        ("a.app.example", True),
        ("a.b.app.example:1", True),
        ("app.example", False),
        ("evilapp.example", False),
        ("shop.example.evil", False),
        ("[2001:db8::1]:80", True),
        ("[2001:db8::2]", False),
        ("", False),
    ],
)
def test_a_host_is_allowed_by_its_name_or_by_what_it_is_below(host: str, *, allowed: bool) -> None:
    """Ports, capitals and the dot at the end do not count."""
    names = ("Shop.example", "*.app.example", "[2001:db8::1]")
    assert (host in hosts.Allowed(names)) == allowed


@pytest.mark.parametrize("name", ["", "*", "*.", "a:80", "http://a", "a/b", "*.*.a", "a.*"])
def test_what_is_no_name_is_not_allowed(name: str) -> None:
    """The route file says how one is written."""
    with pytest.raises(ValueError, match="a host is written"):
        hosts.check(name)
