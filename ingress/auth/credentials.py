"""Where credentials travel in a request, and how they are taken off it.

What is off the call is seen by no worker, no log, no journal and no mirror.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Final
from urllib.parse import unquote_plus

import msgspec

from contracts.call import Call

Pairs = tuple[tuple[str, str], ...]

Rest = tuple[Pairs, str]
"""Header fields, and the query."""

_name: Final = itemgetter(0)


class Credentials(msgspec.Struct, frozen=True):
    """Names of header fields (in lower case), of keys in the query, and of cookies."""

    headers: frozenset[str] = frozenset()
    query: frozenset[str] = frozenset()
    cookies: frozenset[str] = frozenset()

    def __or__(self, other: "Credentials") -> "Credentials":
        return Credentials(
            self.headers | other.headers, self.query | other.query, self.cookies | other.cookies
        )

    def __sub__(self, other: "Credentials") -> "Credentials":
        return Credentials(
            self.headers - other.headers, self.query - other.query, self.cookies - other.cookies
        )

    def taken_off(self, call: Call) -> Call:
        """Give the call without what travels there; all else of it stays as it was sent."""
        headers, query = self.rest(call)
        if headers == call.headers and query == call.query:
            return call
        return msgspec.structs.replace(call, headers=headers, query=query)

    def rest(self, call: Call) -> Rest:
        """Give the header fields and the query of a call, without what travels there."""
        headers, query = call.headers, call.query
        if self.headers:
            headers = tuple([pair for pair in headers if pair[0] not in self.headers])
        if self.cookies:
            headers = tuple(_without_cookies(headers, self.cookies))
        if self.query and query:
            query = _without_keys(query, self.query)
        return headers, query


def taker(credentials: Credentials) -> Callable[[Call], Rest]:
    """Give what does the same as ``rest``, made for these credentials: each call has it done."""
    if len(credentials.headers) != 1 or credentials.query or credentials.cookies:
        return credentials.rest
    (name,) = credentials.headers

    def rest(call: Call) -> Rest:
        headers = call.headers
        said = [*map(_name, headers)]
        if said.count(name) != 1:
            return credentials.rest(call)
        # Said once, as by nearly all: cut out without a look at each field.
        at = said.index(name)
        return headers[:at] + headers[at + 1 :], call.query

    return rest


def query_value(query: str, name: str) -> str | None:
    """Give the decoded value of a key in the query; ``None`` when it is not there, or twice."""
    if name not in query and "%" not in query:
        return None
    found = [value for key, value in map(_halves, query.split("&")) if unquote_plus(key) == name]
    return unquote_plus(found[0]) if len(found) == 1 else None


def cookie_value(call: Call, name: str) -> str | None:
    """Give the value of a cookie (RFC 6265 section 5.4); ``None`` when not there, or twice."""
    found = [
        value.strip()
        for field, text in call.headers
        if field == "cookie"
        for key, value in map(_halves, text.split(";"))
        if key.strip() == name
    ]
    return found[0] if len(found) == 1 else None


def _halves(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _without_keys(query: str, names: frozenset[str]) -> str:
    parts = query.split("&")
    return "&".join(part for part in parts if unquote_plus(part.partition("=")[0]) not in names)


def _without_cookies(
    headers: tuple[tuple[str, str], ...], names: frozenset[str]
) -> list[tuple[str, str]]:
    kept = []
    for field, text in headers:
        if field != "cookie":
            kept.append((field, text))
            continue
        parts = [part for part in text.split(";") if part.partition("=")[0].strip() not in names]
        if rest := ";".join(parts).strip():
            kept.append((field, rest))
    return kept
