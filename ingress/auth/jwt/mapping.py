"""From what a token says to who is calling."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused

# Characters of a name, and names in a list.
_LONGEST, _MOST = 255, 1000
_MISSING: Final = object()


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """Which claims hold what. Several names: the first that the token has.

    A name is that of a claim, or else the way to one inside of others, with dots:
    ``realm_access.roles``. ``consumer`` is the one that names a known consumer, empty for none.
    """

    subject: tuple[str, ...] = ("sub",)
    scopes: tuple[str, ...] = ("scope", "scp")
    roles: tuple[str, ...] = ("roles",)
    groups: tuple[str, ...] = ("groups",)
    consumer: str = ""

    def identity(self, claims: Mapping[str, Any], scheme: str, expires: float) -> Identity:
        """Say who it is. Raises ``Refused`` for claims that name nobody or are malformed."""
        return Identity(
            id=_name(_first(claims, self.subject)),
            scheme=scheme,
            scopes=_words(_first(claims, self.scopes)),
            roles=_words(_first(claims, self.roles)),
            groups=_words(_first(claims, self.groups)),
            claims=claims,
            expires=expires,
        )

    def consumer_of(self, claims: Mapping[str, Any]) -> str:
        """Give the consumer that the token names. Raises ``Refused`` for none."""
        name = find(claims, self.consumer)
        if not _is_name(name):
            raise Refused("the token names no consumer")
        return str(name)


def _first(claims: Mapping[str, Any], names: tuple[str, ...]) -> object:
    for name in names:
        if (value := find(claims, name)) is not None:
            return value
    return None


def find(claims: Mapping[str, Any], name: str) -> object:
    """Find a claim by its name, or by the way to it; ``None`` when it is not there."""
    whole = claims.get(name, _MISSING)
    if whole is not _MISSING:
        return whole
    value: object = claims
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def _name(value: object) -> str:
    if value is None:
        raise Refused("the token names nobody")
    if not _is_name(value):
        raise Refused("the subject of the token is malformed")
    return str(value)


def _words(value: object) -> tuple[str, ...]:
    """Read a list of names, or names in one text with spaces between (RFC 8693 section 4.2)."""
    if value is None:
        return ()
    names = value.split() if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) > _MOST or not all(map(_is_name, names)):
        raise Refused("a list of names in the token is malformed")
    return tuple(names)


def _is_name(value: object) -> bool:
    """Whether it can stand in a log line and in a header: no control characters."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()
