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
