"""Hosts of routes: ``api.example.com``, or ``*.example.com`` for all below it.

Names are compared without regard to case and without the port (RFC 9110 section 4.2.3, RFC 3986
section 6.2.2.1), and a root's dot at the end is dropped. ``*.example.com`` takes
``a.example.com`` and ``a.b.example.com``, not ``example.com``, as a Gateway API hostname does.
"""

import re
from collections.abc import Iterator
from typing import Final

_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
FORM: Final = rf"^(\*\.)?({_LABEL}\.)*{_LABEL}$"
_FORM: Final = re.compile(FORM)
_LONGEST: Final = 253
# A name, its last dot and a port.
_LONGEST_FIELD: Final = _LONGEST + 7
_WILD: Final = "*."


def check(text: str) -> str:
    """Check how a host is written in the route file; raises ``ValueError``."""
    if not _FORM.fullmatch(text) or text.endswith("\n") or len(text) > _LONGEST:
        msg = "a host is a name in lower case without a port: api.example.com, or *.example.com"
        raise ValueError(msg)
    return text


def of(field: str) -> str:
    """Give the name in a Host field: in lower case, without port and last dot.

    Empty for one that is longer than a name may be: each of its labels would be looked up.
    """
    if len(field) > _LONGEST_FIELD:
        return ""
    name = field.rpartition(":")[0] if _has_port(field) else field
    return name.lower().removesuffix(".")


def ladder(name: str) -> Iterator[str]:
    """Give what may be written for a name, the most precise first."""
    yield name
    rest = name
    while rest:
        _, _, rest = rest.partition(".")
        if rest:
            yield _WILD + rest


def _has_port(field: str) -> bool:
    # The colons inside the brackets of an IPv6 address are none of a port.
    return ":" in field.rpartition("]")[2]
