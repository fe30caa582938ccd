"""Tells callers by their API keys."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from contracts.call import Call
from ingress.auth.bearer import Place
from ingress.auth.credentials import Credentials, cookie_value, query_value
from ingress.auth.identity import Identity
from ingress.auth.key.sections import KeySection
from ingress.auth.port import Request
from ingress.auth.refusal import Refused

DEFAULT_HEADER: Final = "x-api-key"

_BEARER: Final = "bearer "
# More is no key of anybody's, and need not be hashed to see it.
_LONGEST: Final = 512
_UNKNOWN: Final = "the key is not known"

_Find = Callable[[Call], str | None]


class Keys(Protocol):
    """Who has which key; the directory of consumers is one."""

    def holder(self, key: str) -> Identity | None:
        """Say whose key it is; ``None`` for nobody's. Raises ``Refused`` for one that ended."""
        ...


class KeyAuthenticator:
    """Reads a key where the route file says, and asks ``keys`` whose it is."""

    def __init__(self, name: str, section: KeySection, keys: Keys) -> None:
        self.name = name
        self.forward = section.forward
        header = section.header and section.header.lower()
        if not (header or section.query or section.cookie):
            header = DEFAULT_HEADER
        self._places = {"header": header, "query": section.query, "cookie": section.cookie}
        self.credentials = Credentials(_some(header), _some(section.query), _some(section.cookie))
        self._realm = section.realm
        self._finds = tuple(_finds(header, section))
        self._shared = header == "authorization"
        # Where nearly all keys are: found without a call.
        self._header = "" if self._shared else header
        self._keys = keys

    @property
    def only_header(self) -> str:
        """The header field that holds the key and is taken off, if keys are nowhere else."""
        return "" if self._finds or self.forward or not self._header else self._header

    def holder(self, key: str) -> Identity | None:
        """Say whose key it is; ``None`` for nobody's. Raises ``Refused`` for one that ended."""
        return self._keys.holder(key) if len(key) <= _LONGEST else None

    def authenticate(self, request: Request) -> Identity | None:
        """Say whose key is shown; a key that is nobody's is refused."""
        header = self._header
        for name, text in request.call.headers:
            if name == header:
                found = self.holder(text)
                if found is None:
                    raise Refused(_UNKNOWN)
                return found
        return self._elsewhere(request.call) if self._finds else None

    def _elsewhere(self, call: Call) -> Identity | None:
        for find in self._finds:
            text = find(call)
            if text is None:
                continue
            found = self.holder(text)
            if found is not None:
                return found
            # A bearer token may be another authenticator's, such as a JWT.
            if find is _bearer:
                return None
            raise Refused(_UNKNOWN)
        return None

    def challenge(self, refused: Refused | None) -> str:
        """Say where a key goes. There is no registered scheme but Bearer (RFC 6750)."""
        if self._shared:
            return Place(realm=self._realm).challenge(refused)
        places = [f'{place}="{name}"' for place, name in self._places.items() if name]
        return ", ".join((f'ApiKey realm="{self._realm}"', *places))

    def settings(self) -> Mapping[str, Any]:
        """Give the places where it looks."""
        return {"kind": "key", **{place: name for place, name in self._places.items() if name}}

    async def close(self) -> None:
        """Nothing is held."""

    def __repr__(self) -> str:
        return f"<KeyAuthenticator {self.name}>"


def _some(name: str | None) -> frozenset[str]:
    return frozenset([name]) if name else frozenset()


def _finds(header: str | None, section: KeySection) -> list[_Find]:
    finds: list[_Find] = []
    if header == "authorization":
        finds.append(_bearer)
    if section.query:
        finds.append(partial(_of_query, section.query))
    if section.cookie:
        finds.append(partial(_of_cookie, section.cookie))
    return finds


def _bearer(call: Call) -> str | None:
    for key, value in call.headers:
        if key == "authorization" and value[:7].lower() == _BEARER:
            return value[7:].strip()
    return None


def _of_query(name: str, call: Call) -> str | None:
    return query_value(call.query, name) if call.query else None


def _of_cookie(name: str, call: Call) -> str | None:
    return cookie_value(call, name)
