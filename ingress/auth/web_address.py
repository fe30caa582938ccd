"""Addresses of other services that the route file names."""

from ipaddress import ip_address
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, WithJsonSchema

_FORM: Final = r"^https?://[^\s@#]+$"


def _check(text: str) -> str:
    parts = _split(text)
    if parts is None or not text.isprintable() or " " in text:
        raise ValueError("this must be a URL: https://host/path")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("the URL may hold neither a password nor a fragment")
    return text


def check_secure(text: str) -> None:
    """Raises ``ValueError`` for http to another machine: whoever is on the way could answer."""
    parts = _split(text)
    if parts is not None and parts.scheme == "http" and not _here(parts.hostname or ""):
        raise ValueError("plain http is for this machine alone: write https, or insecure: true")


def shown(text: str) -> str:
    """Give the address as it may be shown: without the query, which may hold a secret."""
    return text.partition("?")[0]


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname and port != 0 else None


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


WebAddress = Annotated[
    str,
    AfterValidator(_check),
    WithJsonSchema(
        {"type": "string", "pattern": _FORM, "examples": ["https://id.example.com/jwks.json"]}
    ),
]
"""An http or https URL without a password in it."""
