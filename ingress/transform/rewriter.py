"""A section ``transform``, compiled: requests and replies in, others out. No I/O, no Flow.

An expression sees one object. For a request: ``body``, ``params``, ``query``, ``headers`` (names to
the first value), ``method``, ``path`` and ``caller``. For a reply: its ``status``, ``headers`` and
``body``, and under ``request`` all of the former but the body.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from contracts import codec
from contracts.call import Call, Reply
from ingress import content
from ingress.transform.expression import ExpressionError, compile_expression
from ingress.transform.pairs import PairsChange
from ingress.transform.sections import (
    FieldsSection,
    PathSection,
    QuerySection,
    ReplyTransformSection,
    RequestTransformSection,
)

UNCHANGED: Final = object()
"""Says that a body stays as it is."""

_MOST_FIELDS: Final = 1000
_OK, _BEYOND = 200, 300
# RFC 9110 section 5.5, without what is no ASCII: an expression may make anything.
_FORBIDDEN: Final = frozenset(map(chr, [*range(9), *range(10, 32), 127]))

Read = Callable[[], Any]


class RequestRewriter:
    """Makes the call that the worker gets.

    ``rewrite`` gives it, and the value of its new body or :data:`UNCHANGED`. ``read`` gives the
    value of the old one and is called only if something wants it. Raises ``ExpressionError``.
    """

    __slots__ = ("_body", "_headers", "_most", "_params", "_query", "_sees_body")

    def __init__(self, section: RequestTransformSection, *, most: int) -> None:
        self._headers = _change(section.headers)
        self._query = _change(section.query)
        self._params = _change(section.path)
        self._body = compile_expression(section.body) if section.body else None
        self._most = most
        changes = [one for one in (self._headers, self._query, self._params) if one]
        self._sees_body = self._body is not None or any(one.computes for one in changes)

    def rewrite(self, call: Call, read: Read) -> tuple[Call, Any]:
        seen = {**_seen(call), "body": read() if self._sees_body and call.body else None}
        headers, query, params = call.headers, call.query, call.params
        if self._headers:
            headers = _checked(self._headers.apply(headers, seen))
        if self._query:
            query = urlencode(self._query.apply(_pairs(query), seen))
        if self._params:
            params = dict(self._params.apply(tuple(params.items()), seen))
        if self._body is None:
            changed = msgspec.structs.replace(call, headers=headers, query=query, params=params)
            return changed, UNCHANGED
        value = self._body(seen)
        changed = msgspec.structs.replace(
            call,
            headers=_as_json(headers),
            query=query,
            params=params,
            body=_encoded(value, self._most),
        )
        return changed, value


class ReplyRewriter:
    """Makes the reply that the client gets. Raises ``ExpressionError``."""

    __slots__ = ("_body", "_headers", "_most", "_sees_body")

    def __init__(self, section: ReplyTransformSection, *, most: int) -> None:
        self._headers = _change(section.headers)
        self._body = compile_expression(section.body) if section.body else None
        self._most = most
        computes = self._headers is not None and self._headers.computes
        self._sees_body = computes or self._body is not None

    def rewrite(self, reply: Reply, call: Call) -> Reply:
        makes_body = self._body is not None and _OK <= reply.status < _BEYOND
        body = _value(reply) if self._sees_body and (makes_body or self._headers) else None
        seen = {
            "status": reply.status,
            "headers": _first(reply.headers),
            "body": body,
            "request": _seen(call),
        }
        headers = reply.headers
        if self._headers:
            lower = tuple((name.lower(), value) for name, value in headers)
            headers = _checked(self._headers.apply(lower, seen))
        if self._body is None or not makes_body:
            return msgspec.structs.replace(reply, headers=headers)
        made = _encoded(self._body(seen), self._most)
        return msgspec.structs.replace(reply, headers=_as_json(headers), body=made)


def _change(section: FieldsSection | QuerySection | PathSection | None) -> PairsChange | None:
    return None if section is None else PairsChange(section)


def _seen(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "path": call.path,
        "params": dict(call.params),
        "query": _first(_pairs(call.query)),
        "headers": _first(call.headers),
        "caller": {"id": call.caller.id, "scopes": list(call.caller.scopes)},
    }


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    try:
        found = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise ExpressionError("the query string cannot be read") from None
    return tuple(found)


def _first(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {name.lower(): value for name, value in reversed(pairs)}


def _value(reply: Reply) -> Any:  # noqa: ANN401 - JSON
    """Give the value of a reply's body, ``None`` for what cannot be read."""
    parse = content.parser_of(content.kind_of(reply.header("content-type")))
    return parse(reply.body) if parse and reply.body else None


def _encoded(value: object, most: int) -> bytes:
    try:
        body = codec.pack_json(value)
    except (ValueError, RecursionError) as error:
        raise ExpressionError(f"it makes what JSON cannot carry: {error}") from None
    if len(body) > most:
        raise ExpressionError(f"it makes a body of more than {most} bytes")
    return body


def _as_json(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Say what the new body is, and no more what was true of the old one."""
    gone = {"content-type", "content-length", "content-digest", "accept-ranges"}
    kept = ((name, value) for name, value in headers if name.lower() not in gone)
    return (*kept, ("content-type", "application/json"))


def _checked(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    for name, value in headers:
        if not _FORBIDDEN.isdisjoint(value):
            raise ExpressionError(f"it makes a {name} that no header can hold")
    return headers
