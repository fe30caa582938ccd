"""What a Host field may say (RFC 9110 section 7.2), and which hosts are served here."""

import re
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
