"""What of a request matters to a cache, read in one pass over its header fields."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from contracts.call import Call
from ingress.cache import control
from ingress.cache.control import NOTHING, Directives

# Fields with which a request asks for another method or another target than it names. No cache
# knows what a worker makes of the first; the others are made part of the key, so that nobody can
# have an answer stored under a key that others ask for (cache poisoning by unkeyed input).
_OVERRIDES: Final = frozenset(
    {"x-http-method-override", "x-http-method", "x-method-override", "x-original-method"}
)
_TARGETS: Final = frozenset(
    {
        *("x-forwarded-host", "x-forwarded-proto", "x-forwarded-scheme", "x-forwarded-port"),
        *("x-forwarded-prefix", "x-forwarded-server", "x-forwarded-path", "x-forwarded-ssl"),
        *("x-host", "x-original-host", "x-original-url", "x-original-uri", "x-rewrite-url"),
        *("front-end-https", "x-url-scheme"),
    }
)
_CONDITIONS: Final = frozenset(
    {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "range", "if-range"}
)
# What shows who asks. RFC 9111 section 3.5 knows Authorization alone; an API key is no less.
CREDENTIALS: Final = frozenset(
    {"authorization", "x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token"}
)
_LOOKED_AT: Final = (
    frozenset({"host", "cache-control", "pragma", "cookie", "forwarded"})
    | CREDENTIALS
    | _CONDITIONS
    | _TARGETS
    | _OVERRIDES
)
# What of Forwarded (RFC 7239) names the target; the rest says who asks, and differs each time.
_FORWARDED: Final = re.compile(r"(?:^|[;,])\s*((?:host|proto)=[^;,]*)", re.IGNORECASE)
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Asked(msgspec.Struct, gc=False):
    """A request as a cache sees it: what it says in the fields that matter, by name.

    ``bypass`` says why neither a stored answer may be used nor the answer be stored; empty as a
    rule. ``target`` is what else than host, path and query names the target.
    """

    host: str = ""
    said: Mapping[str, str] = _NONE
    directives: Directives = NOTHING
    target: str = ""
    bypass: str = ""

    def __getitem__(self, name: str) -> str:
        """Give what it says in a field, lines joined; empty for nothing."""
        return self.said.get(name, "")

    @property
    def authenticated(self) -> bool:
        """Whether it has credentials, whoever may check them."""
        return not CREDENTIALS.isdisjoint(self.said)

    @property
    def conditional(self) -> bool:
        """Whether it asks for less than the whole answer."""
        return not _CONDITIONS.isdisjoint(self.said)


def read(call: Call) -> Asked:
    """Read a GET or HEAD."""
    said: dict[str, str] = {}
    for name, value in call.headers:
        if name in _LOOKED_AT:
            said[name] = f"{said[name]}, {value}" if name in said else value
    if call.method == "HEAD":
        # RFC 9110 section 14.2: ranges are for GET alone.
        said.pop("range", None)
    asked = Asked(host=said.pop("host", "").lower(), said=said)
    if not said and not call.body:
        return asked
    if not _OVERRIDES.isdisjoint(said):
        asked.bypass = "method-override"
    elif call.body:
        # RFC 9110 section 9.3.1: its meaning is not defined, so it cannot be in a key.
        asked.bypass = "body"
    if not _TARGETS.isdisjoint(said) or "forwarded" in said:
        asked.target = _target(said)
    if "cache-control" in said:
        asked.directives = control.parse(said["cache-control"])
    elif "pragma" in said and "no-cache" in control.parse(said["pragma"]):
        # RFC 9111 section 5.4: what it means where there is no Cache-Control.
        asked.directives = control.parse("no-cache")
    return asked


def without_conditions(fields: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Take out what asks for less than the whole answer: the whole is what can be stored."""
    return tuple(pair for pair in fields if pair[0] not in _CONDITIONS)


def _target(said: Mapping[str, str]) -> str:
    named = [f"{name}={said[name]}" for name in sorted(_TARGETS & said.keys())]
    if "forwarded" in said:
        named += sorted(one.lower() for one in _FORWARDED.findall(said["forwarded"]))
    return "\n".join(named)
