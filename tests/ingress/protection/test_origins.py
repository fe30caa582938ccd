"""Web origins."""

import pytest

from ingress.protection import origins
from ingress.protection.origins import Origins

LISTED = Origins(["https://a.example", "https://*.b.example", "http://localhost:*", "app://x"])


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example",
        "https://x.b.example",
        "https://x.y.b.example",
        "http://localhost",
        "http://localhost:3000",
        "app://x",
    ],
)
def test_what_is_listed_is_in(origin: str) -> None:
    """Exactly, or by its place below a name, or at any port."""
    assert origin in LISTED


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://a.example",
        "https://a.example:8443",
        "https://a.example.evil.example",
        "https://evil-a.example",
        "https://b.example",
        "https://evilb.example",
        "https://evil.example/.b.example",
        "https://evil.example#.b.example",
        "https://x.b.example\n",
        "https://x.b.example:1",
        "http://localhost:3000/",
        "http://localhost:3000@evil.example",
        "HTTPS://A.EXAMPLE",
    ],
)
def test_what_only_looks_like_it_is_out(origin: str) -> None:
    """Ends and beginnings are fixed, and a star stands for nothing but names or a port."""
    assert origin not in LISTED


def test_a_star_is_everybody() -> None:
    """Sandboxed pages too."""
    assert "null" in Origins(["*"])
    assert repr(Origins(["*"])) == "<Origins *>"


@pytest.mark.parametrize(
    "text",
    ["null", "https://a.example/", "https://a:443", "http://a:80", "a.example", "https://A", "//a",
     "https://a.*.example", "https://*", "https://a b"],
)  # fmt: skip
def test_what_no_browser_would_send_is_refused(text: str) -> None:
    """It would never match, and nobody would know why."""
    with pytest.raises(ValueError, match=r"origin|port"):
        origins.check(text)


def test_what_a_browser_sends_is_taken() -> None:
    """Schemes of applications, ports and v6 addresses too."""
    for text in ("*", "https://a.example", "http://[::1]:8080", "capacitor://localhost"):
        assert origins.check(text) == text
