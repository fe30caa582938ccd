"""The long way to the edge: Sanic reads whatever request comes, and writes the answer.

Sanic parses and writes HTTP/1.1; its router, its middleware and its error
pages are not used: one catch-all handler asks the edge, so that routes can be
replaced while requests are in flight.
"""

import time
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, Final, cast

from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.exceptions import (
    BadRequest,
    ExpectationFailed,
    PayloadTooLarge,
    RequestCancelled,
    RequestTimeout,
    ServiceUnavailable,
    URITooLong,
)
from sanic.handlers import ErrorHandler
from sanic.http import Http
from sanic.models.handler_types import RouteHandler
from sanic.router import Router as SanicRouter
from sanic_routing.route import Route as SanicRoute

from contracts.fault import Fault
from ingress import body, fields, grammar, request_id
from ingress.answer import Answer
from ingress.connection import Connection
from ingress.edge import Edge
from ingress.head import Head
from ingress.replay import mark

# Sanic keeps its apps in a registry by name, so each needs its own.
_numbers = count(1)

# Longer than any route may take: the deadline of the route answers, not Sanic.
_NEVER: Final = 2 * 3600

_FIRST_REFUSAL: Final = 400
# Bytes of a body that nobody wants and that is read all the same, to keep the connection.
_SPARE: Final = 65_536


def build(edge: Edge) -> Sanic[Config, Any]:
    """Make a Sanic app with one door and nothing of its own on the way to the edge."""

    def door(request: Request) -> Coroutine[Any, Any, HTTPResponse]:
        # A function of its own, since Sanic sets an attribute on it.
        return _handle(edge, request)

    # No prefix: what SANIC_* variables a machine has must not change us.
    config = Config(env_prefix=None)
    config.update(
        {
            "ACCESS_LOG": False,
            "MOTD": False,
            "RESPONSE_TIMEOUT": _NEVER,
        }
    )
    router = _OneDoor()
    app: Sanic[Config, Any] = Sanic(
        f"queuegate-{next(_numbers)}",
        config=config,
        router=router,
        error_handler=_ProblemHandler(edge),
        request_class=_Request,
        configure_logging=False,
    )
    app.add_route(door, "/", methods=["GET"], stream=True)
    route = app.router.routes[0]
    router.door = (route, route.handler, {})
    return app


async def _handle(edge: Edge, request: Request) -> HTTPResponse:
    received = time.perf_counter()
    stream = _stream(request)
    connection = _connection(request)
    head, peer = _head(request), connection.peer
    wrong = grammar.fault_in_head(
        request.head,
        version=request.version,
        body=bool(stream.request_body),
        limits=connection.entrance.limits,
    )
    if wrong:
        _part(stream)
    else:
        try:
            head, peer = connection.entrance.seen(head, peer, trusted=connection.trusted)
        except Fault as fault:
            wrong = fault
    if wrong:
        answer = edge.refuse(head, peer, received, wrong)
    else:
        read = partial(_read, request) if stream.request_body else b""
        answer = await edge.answer(head, read, peer, received)
        if stream.request_body and answer.status < _FIRST_REFUSAL:
            # An OPTIONS that was answered by itself: Sanic would log that nobody read its body.
            with suppress(Fault):
                await _read(request, _SPARE)
    if stream.request_body:
        # What is left of the body is not worth reading, nor sending.
        _part(stream)
    if edge.draining:
        stream.keep_alive = False
    return _Response(answer)


def _head(request: Request) -> Head:
    """Give what the request says; Sanic may have made it up for one that it could not read."""
    headers = request.headers
    sent: Iterable[tuple[str, str]] = headers.items()
    if not request.head.isascii():
        sent = [(name, fields.readable(value)) for name, value in sent]
    # RFC 9110 section 5.5: white space at the end is no part of a value.
    sent = [(name, value.rstrip(" \t")) for name, value in sent]
    return Head(
        method=fields.readable(request.method),
        path=fields.readable(request.path),
        query=fields.readable(request.query_string),
        fields=fields.to_worker(sent),
        length=0,
        end=0,
        given_id=headers.getone(request_id.HEADER, ""),
        traceparent=headers.getone("traceparent", ""),
        tracestate=fields.readable(headers.getone("tracestate", "")),
        marked=mark.HEADER in headers,
    )


async def _read(request: Request, limit: int) -> bytes:
    length = request.headers.getone("content-length", None)
    try:
        within = _connection(request).entrance.limits.body_timeout
        return await body.read(_stream(request), length, limit, within)
    except BadRequest as error:
        raise Fault("invalid_request", str(error)) from None


def _part(stream: Http) -> None:
    """Let the answer that follows be the last, whatever else the client has sent or will send."""
    stream.keep_alive = stream.expecting_continue = False
    # Sanic would wait for the rest of it.
    stream.request_body = None
    cast("Connection", stream.protocol).linger()


def _connection(request: Request) -> Connection:
    """Give the connection that a request came by."""
    return cast("Connection", _stream(request).protocol)


def _stream(request: Request) -> Http:
    """Give the connection's side of a request; there is one until the answer."""
    return cast("Http", request.stream)


class _Request(Request):
    """A request whose target may be any bytes."""

    def __init__(self, *, url_bytes: bytes, **said: Any) -> None:  # noqa: ANN401 - handed on
        try:
            super().__init__(url_bytes, **said)
        except BadRequest:
            if "head" in said:
                raise
            # Sanic makes an empty one for the answer to the first, of the same bad target.
            super().__init__(b"*", **said)

    @property
    def path(self) -> str:
        """The path; a target in absolute form may have none (RFC 9112 section 3.2.2)."""
        return super().path if self._parsed_url.path else "/"


class _Response(HTTPResponse):
    """An answer whose header section stands as it is.

    Sanic's own adds a content type that nobody named and an empty ``alt-svc``,
    and sends each field through a case-insensitive multidict. Here Sanic only
    puts the length and the state of the connection into ``headers``, a plain
    dict.
    """

    __slots__ = ("_section",)

    def __init__(self, answer: Answer) -> None:
        super().__init__(status=answer.status)
        self.body = answer.body
        self.headers = {}  # type: ignore[assignment]  # Sanic only sets and gets
        self._section = answer.section

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Give the header section, field by field."""
        for line in self._section.split(b"\r\n")[:-1]:
            name, _, value = line.partition(b": ")
            yield name, value
        for own in ("content-length", "connection"):
            said = self.headers.get(own)
            if said is not None:
                yield own.encode(), str(said).encode()


class _OneDoor(SanicRouter):
    """Sends every method and path to the one handler, unread.

    Sanic's own router would refuse methods that it does not know and would
    have to be rebuilt at each reload.
    """

    door: tuple[SanicRoute, RouteHandler, dict[str, Any]]

    def get(  # type: ignore[override]  # the base wraps its own in lru_cache
        self,
        path: str,  # noqa: ARG002 - the signature is Sanic's
        method: str,  # noqa: ARG002
        host: str | None,  # noqa: ARG002
    ) -> tuple[SanicRoute, RouteHandler, dict[str, Any]]:
        return self.door


class _ProblemHandler(ErrorHandler):
    """Answers Sanic's own errors as problem documents."""

    def __init__(self, edge: Edge) -> None:
        super().__init__()
        self._edge = edge

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        connection = _connection(request)
        fault = fault_of(exception)
        if isinstance(exception, PayloadTooLarge):
            # Bodies are measured by us, so this is about the header section.
            fault = grammar.fault_in_size(connection.recv_buffer, connection.entrance.limits)
        _part(_stream(request))
        answer = self._edge.refuse(
            _head(request),
            connection.peer,
            time.perf_counter(),
            fault,
            # Sanic also asks for an answer to who left in the middle of a call; that has its flow.
            observed=not request.head,
        )
        return _Response(answer)


# Sanic's errors in our words, the most special class first. It answers them
# before a request has met a route, so they are about the HTTP itself.
_SANIC_SAYS: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    (PayloadTooLarge, "headers_too_large", ""),
    (URITooLong, "uri_too_long", ""),
    (ExpectationFailed, "expectation_failed", "only 100-continue is understood"),
    (BadRequest, "invalid_request", "this is not a well-formed HTTP/1.1 request"),
    (RequestTimeout, "request_timeout", "the request did not arrive in time"),
    (RequestCancelled, "client_gone", ""),
    (ServiceUnavailable, "deadline", ""),
)


def fault_of(error: Exception) -> Fault:
    """Say in our words what Sanic found wrong with a request."""
    for kind, code, detail in _SANIC_SAYS:
        if isinstance(error, kind):
            return Fault(code, detail)
    return Fault("internal")
