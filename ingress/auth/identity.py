"""Who is calling, once somebody has checked it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

NO_CLAIMS: Final[Mapping[str, Any]] = MappingProxyType({})


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A caller whose credential was verified.

    - ``id`` is who it is: a consumer's name, or a token's subject. Never empty;
    - ``scheme`` says what verified it, such as ``key`` or ``jwt``;
    - ``consumer`` is the name of a consumer that the gateway knows, empty for none;
    - ``groups``, ``scopes`` and ``roles`` are what rules of access may ask for;
    - ``claims`` is what a token says, as it says it;
    - ``plan`` is the name of the usage plan, empty for none;
    - ``key`` is the public id of the API key that was shown, empty for none;
    - ``expires`` is when the credential ends, in Unix seconds, 0 for never;
    - ``fields`` are header fields about the caller that the worker gets.
    """

    id: str
    scheme: str
    consumer: str = ""
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    claims: Mapping[str, Any] = NO_CLAIMS
    plan: str = ""
    key: str = ""
    expires: float = 0.0
    fields: tuple[tuple[str, str], ...] = ()
