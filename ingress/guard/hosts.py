"""What a Host field may say (RFC 9110 section 7.2), and which hosts are served here."""

import re
from collections.abc import Iterable
from typing import Final

# RFC 3986 section 3.2.2, less what no name in use has: percent signs and sub-delimiters, which
# readers decode or split at in ways of their own. Underscores are in the names of containers.
_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
)
_HIGHEST: Final = 65_535


def well_formed(host: str) -> bool:
    """Say whether a Host is a name or an address, with a port or without; it may be empty."""
    said = _HOST.fullmatch(host)
    return not host or (said is not None and int(said["port"] or 0) <= _HIGHEST)


class Allowed:
    """The hosts that are served: names, or all below one, ``*.example.com``; none for any.

    Ports do not count, nor do capitals and the dot at the end of a name.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = tuple(name.lower() for name in names)
        self._exact = frozenset(name for name in self.names if not name.startswith("*."))
        self._below = tuple(name[1:] for name in self.names if name.startswith("*."))

    def __contains__(self, host: str) -> bool:
        if not self.names:
            return True
        name = without_port(host).lower().removesuffix(".")
        return name in self._exact or name.endswith(self._below)

    def __repr__(self) -> str:
        return f"<Allowed {', '.join(self.names) or 'any'}>"


ANY: Final = Allowed()


def without_port(host: str) -> str:
    """Give the name or address of a Host."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def check(name: str) -> str:
    """Hold an entry of a list against the grammar; raises ``ValueError`` that says it."""
    below = name.removeprefix("*.")
    if not below or not well_formed(below) or without_port(name) != name:
        raise ValueError("a host is written shop.example.com, *.example.com or [2001:db8::1]")
    return name
