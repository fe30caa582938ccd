"""Which version a request asks for: by a header, the query, or the media type that it accepts.

A version in the path needs no asking: another path is another route. The others are read from the
first source that says one; a request that says none has the default.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from contracts.fault import Fault
from ingress.routing.asked import Asked

MEDIA: Final = "media_type"
FORM: Final = r"^(media_type|header:[a-z0-9!#$%&'*+.^_`|~-]+|query:.+)$"
_FORM: Final = re.compile(FORM)

# application/json; version=2, or a vendor's application/vnd.shop.v2+json (RFC 6838 section 3.2).
_PARAMETER: Final = re.compile(r";\s*version\s*=\s*\"?([^\s;,\"]+)\"?", re.IGNORECASE)
# Bounded, so that no header makes it slow.
_VENDOR: Final = re.compile(
    r"/vnd\.[\w.-]{0,64}?[.-]v([0-9][\w.]{0,31})(?:\+|[;,\s]|$)", re.ASCII | re.IGNORECASE
)

Source = Callable[[Asked], str]


class Asking(msgspec.Struct, frozen=True):
    """How requests ask: ``sources`` in their order, the ``default``, and what is ``known``."""

    sources: tuple[str, ...] = ()
    default: str = ""
    known: tuple[str, ...] = ()

    def reader(self) -> Source:
        """Compile it into a function that gives the version that a request asks for."""
        sources, default = tuple(_source(text) for text in self.sources), self.default

        def read(asked: Asked) -> str:
            for source in sources:
                said = source(asked)
                if said:
                    return said
            return default

        return read

    @property
    def vary(self) -> str:
        """Name the request's headers that decide, for ``Vary``."""
        names = ["accept" if one == MEDIA else one.partition(":")[2] for one in self._headers()]
        return ", ".join(names)

    def _headers(self) -> list[str]:
        return [one for one in self.sources if one == MEDIA or one.startswith("header:")]

    def refusal(self, said: str) -> Fault | None:
        """Say what is wrong with asking for a version; ``None`` if it is known."""
        if said in self.known:
            return None
        known = ", ".join(self.known)
        detail = "there is no such version here" if said else "say which version is meant"
        return Fault("invalid_request", f"{detail}; known are {known}", versions=list(self.known))


def check(text: str) -> str:
    """Check how a source is written in the route file; raises ``ValueError``."""
    if not _FORM.fullmatch(text):
        msg = f"a version is asked for by header:name, query:name or media_type, not {text!r}"
        raise ValueError(msg)
    return text


def _source(text: str) -> Source:
    kind, _, name = text.partition(":")
    if kind == "header":
        return lambda asked: _field(asked, name)
    if kind == "query":
        return lambda asked: _of_query(asked.query, name)
    return _of_media


def _field(asked: Asked, name: str) -> str:
    return next((value for key, value in asked.fields if key == name), "")


def _of_query(query: str, name: str) -> str:
    if not query:
        return ""
    return next((value for key, value in parse_qsl(query) if key == name), "")


def _of_media(asked: Asked) -> str:
    """Look at what is accepted, then at what is sent."""
    for name in ("accept", "content-type"):
        said = _field(asked, name)
        if said and (found := _PARAMETER.search(said) or _VENDOR.search(said)):
            return found[1]
    return ""
