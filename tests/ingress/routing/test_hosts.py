"""Names of hosts, as they are written and as they come."""

import pytest

from ingress.routing import hosts


@pytest.mark.parametrize(
    "text", ["a", "api.example.com", "*.example.com", "xn--caf-dma.test", "10.0.0.1"]
)
def test_a_host_is_a_name_or_all_below_one(text: str) -> None:
    """Labels of letters, digits and hyphens; only the first may be an asterisk."""
    assert hosts.check(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "*", "A.example", "a.example:80", "a..b", "-a", "a.*.b", "a.", "a\n", "a." * 127 + "ab"],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    """With a sentence that says how one is written."""
    with pytest.raises(ValueError, match=r"without a port: api\.example\.com"):
        hosts.check(text)


@pytest.mark.parametrize(
    "field, name",
    [
        ("API.Example.com", "api.example.com"),
        ("api.example.com:8080", "api.example.com"),
        ("api.example.com.", "api.example.com"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
        ("", ""),
        ("a." * 8000, ""),
    ],
)
def test_case_port_and_last_dot_do_not_count(field: str, name: str) -> None:
    """RFC 9110 section 4.2.3 compares hosts without case; a port is no part of the name."""
    assert hosts.of(field) == name


def test_the_longest_name_comes_first() -> None:
    """The name itself, then what stands for all below, and never a bare asterisk."""
    assert list(hosts.ladder("a.b.c")) == ["a.b.c", "*.b.c", "*.c"]
    assert list(hosts.ladder("")) == [""]
