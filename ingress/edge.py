"""The HTTP edge: the one file that knows Sanic on the path of a request.

It turns an HTTP request into a Flow, gives it to the pipeline, and turns what
comes back into an HTTP response. Sanic parses and writes HTTP/1.1; its router,
its middleware and its error pages are not used: one catch-all handler asks our
own router, so that routes can be replaced while requests are in flight.
"""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from email.utils import formatdate
from itertools import count
from typing import Any, Final, cast

import msgspec
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

from contracts import deadline
from contracts.call import Call, Caller, Reply
from contracts.fault import PROBLEM_JSON, Fault
from ingress import body, fields, grammar, request_id
from ingress.flow import Flow, Observer
from ingress.pipeline import Pipeline
from ingress.replay import mark
from ingress.replay.mark import Marks
from ingress.router import Router, automatic
from ingress.server import MAX_HEADER

# Sanic keeps its apps in a registry by name, so each needs its own.
_numbers = count(1)

# Longer than any route may take: the deadline of the route answers, not Sanic.
_NEVER: Final = 2 * 3600

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_NO_BODY = frozenset({204, 205, 304})
_LOWEST_FINAL, _HIGHEST = 200, 599


class Edge:
    """Serves HTTP: requests become Flows, answers become responses.

    ``router`` and ``marks`` may be replaced at any time. ``in_flight`` counts requests that
    have not been answered.
    """

    def __init__(self, router: Router, pipeline: Pipeline, observers: Sequence[Observer]) -> None:
        self.router = router
        # Without a key: who says that a request is a replay is refused.
        self.marks = Marks()
        self.in_flight = 0
        self.draining = False
        self._pipeline = pipeline
        self._observers = tuple(observers)
        self._make_id = request_id.maker()
        self._date = _Date()
        self._empty = asyncio.Event()
        self.app = _app("queuegate", self._handle, _ProblemHandler(self._refuse))

    async def drain(self, within: float) -> bool:
        """Answer what is in flight; says whether all was within the time.

        Connections close after their answer from now on.
        """
        self.draining = True
        try:
            async with asyncio.timeout(within):
                while self.in_flight:
                    # It may have been set before, between two requests.
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def _handle(self, request: Request) -> HTTPResponse:
        """Answer one request: the whole path, one line a hop."""
        received = time.perf_counter()
        stream = _stream(request)
        flow = Flow(self._bare_call(request), None, received)
        self.in_flight += 1
        try:
            try:
                _check_head(request, stream)
                await self._route(flow, request)
            except Fault as fault:
                flow.reply = automatic(request.method, fault)
                flow.fault = None if flow.reply else fault
                if stream.request_body:
                    # What is left of the body is not worth reading, nor sending.
                    stream.keep_alive = stream.expecting_continue = False
            else:
                await self._pipeline.run(flow)
            response = self._respond(flow)
        except asyncio.CancelledError:
            flow.fault = Fault("client_gone")
            flow.status = flow.fault.status
            raise
        else:
            if self.draining:
                stream.keep_alive = False
            return response
        finally:
            self.in_flight -= 1
            if self.draining and not self.in_flight:
                self._empty.set()
            flow.finished = time.perf_counter()
            # After the response was written: observers are not waited for.
            asyncio.get_running_loop().call_soon(self._observe, flow)

    def _bare_call(self, request: Request) -> Call:
        """Make the call of a request that has met no route yet."""
        given = request.headers.getone(request_id.HEADER, "")
        return Call(
            id=(given and request_id.accept(given)) or self._make_id(),
            operation="",
            method=request.method,
            path=request.path,
            query=request.query_string,
            caller=Caller(address=request.ip),
        )

    async def _route(self, flow: Flow, request: Request) -> None:
        """Find the plan, read the body, complete the call. Raises Fault."""
        bare = flow.call
        plan, params = self.router.match(bare.method, bare.path)
        flow.plan = plan
        headers = request.headers
        sent: Iterable[tuple[str, str]] = headers.items()
        if not request.head.isascii():
            sent = [(name, fields.readable(value)) for name, value in sent]
        content = b""
        if _stream(request).request_body:
            length = headers.getone("content-length", None)
            try:
                content = await body.read(_stream(request), length, plan.max_body)
            except BadRequest as error:
                raise Fault("invalid_request", str(error)) from None
        trace = headers.getone("traceparent", "")
        flow.call = Call(
            id=bare.id,
            operation=plan.target.operation,
            method=bare.method,
            path=bare.path,
            query=bare.query,
            params=params,
            headers=fields.to_worker(sent),
            body=content,
            caller=bare.caller,
            deadline=deadline.after(plan.timeout),
            route=plan.name,
            traceparent=trace if trace and _TRACEPARENT.fullmatch(trace) else "",
            tracestate=fields.readable(headers.getone("tracestate", "")) if trace else "",
        )
        if mark.HEADER in headers:
            flow.call = self.marks.believe(flow.call)

    def _respond(self, flow: Flow) -> HTTPResponse:
        """Turn the finished flow into a response."""
        if flow.fault is None:
            reply = flow.reply
            response = self._response_of(reply, flow) if reply else None
            if response is not None:
                return response
            flow.fault = Fault("bad_reply" if reply else "internal")
        return self._problem(flow, flow.fault)

    def _response_of(self, reply: Reply, flow: Flow) -> HTTPResponse | None:
        """Build the response, or give ``None`` if HTTP cannot carry it."""
        headers = fields.from_worker(reply.headers)
        if headers is None or not _LOWEST_FINAL <= reply.status <= _HIGHEST:
            return None
        body = b"" if reply.status in _NO_BODY else reply.body
        flow.status = reply.status
        flow.bytes_out = len(body)
        headers.append((request_id.HEADER, flow.call.id))
        headers.append(("date", self._date.text()))
        return _Answer(reply.status, headers, body)

    def _problem(self, flow: Flow, fault: Fault) -> HTTPResponse:
        """Build the problem document (RFC 9457) that tells of a fault."""
        body = msgspec.json.encode(fault.problem(flow.call.id))
        flow.status = fault.status
        flow.bytes_out = len(body)
        headers = [
            *(fields.from_worker(fault.headers) or ()),
            ("content-type", PROBLEM_JSON),
            (request_id.HEADER, flow.call.id),
            ("date", self._date.text()),
            ("cache-control", "no-store"),
        ]
        if fault.retry_after is not None:
            headers.append(("retry-after", str(fault.retry_after)))
        return _Answer(fault.status, headers, body)

    def _refuse(self, request: Request, fault: Fault) -> HTTPResponse:
        """Answer what never became a call: HTTP that could not be parsed."""
        flow = Flow(self._bare_call(request), None, time.perf_counter())
        flow.fault = fault
        response = self._problem(flow, fault)
        flow.finished = time.perf_counter()
        # Sanic also asks for an answer to who left in the middle of a call; that has its flow.
        if not request.head:
            asyncio.get_running_loop().call_soon(self._observe, flow)
        return response

    def _observe(self, flow: Flow) -> None:
        for observe in self._observers:
            observe(flow)


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


def _check_head(request: Request, stream: Http) -> None:
    """Refuse what could be read in another way; ends the connection with it."""
    wrong = grammar.fault_in_head(
        request.head, version=request.version, body=bool(stream.request_body)
    )
    if wrong:
        stream.keep_alive = False
        raise Fault("invalid_request", wrong)


class _Answer(HTTPResponse):
    """A response whose header section is ours.

    Sanic's own adds a content type that nobody named and an empty ``alt-svc``,
    and sends each field through a case-insensitive multidict. Here the fields
    are written as they stand; Sanic puts the length and the state of the
    connection into ``headers``, a plain dict.
    """

    __slots__ = ("_fields",)

    def __init__(self, status: int, fields_: list[tuple[str, str]], body: bytes) -> None:
        super().__init__(status=status)
        self.body = body
        self.headers = {}  # type: ignore[assignment]  # Sanic only sets and gets
        self._fields = fields_

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Give the header section, encoded."""
        for name, value in self._fields:
            yield name.encode("latin-1"), value.encode("latin-1")
        for name in ("content-length", "connection"):
            said = self.headers.get(name)
            if said is not None:
                yield name.encode(), str(said).encode()


class _Date:
    """The Date field (RFC 9110 section 6.6.1), made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def text(self) -> str:
        now = int(time.time())
        if now != self._second:
            self._second, self._text = now, formatdate(now, usegmt=True)
        return self._text


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

    def __init__(self, refuse: Callable[[Request, Fault], HTTPResponse]) -> None:
        super().__init__()
        self._refuse = refuse

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        return self._refuse(request, fault_of(exception))


# Sanic's errors in our words, the most special class first. It answers them
# before a request has met a route, so they are about the HTTP itself.
_SANIC_SAYS: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    # Bodies are measured by us, so this is about the header section.
    (PayloadTooLarge, "headers_too_large", f"at most {MAX_HEADER} bytes of headers are accepted"),
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


def _app(
    name: str, handle: Callable[[Request], Coroutine[Any, Any, HTTPResponse]], errors: ErrorHandler
) -> Sanic[Config, Any]:
    """Make a Sanic app with one door and nothing of its own on the way."""

    def door(request: Request) -> Coroutine[Any, Any, HTTPResponse]:
        # A function of its own, since Sanic sets an attribute on it.
        return handle(request)

    # No prefix: what SANIC_* variables a machine has must not change us.
    config = Config(env_prefix=None)
    config.update(
        {
            "ACCESS_LOG": False,
            "MOTD": False,
            "REQUEST_TIMEOUT": 30,
            "RESPONSE_TIMEOUT": _NEVER,
            "KEEP_ALIVE_TIMEOUT": 75,
        }
    )
    router = _OneDoor()
    app: Sanic[Config, Any] = Sanic(
        f"{name}-{next(_numbers)}",
        config=config,
        router=router,
        error_handler=errors,
        request_class=_Request,
        configure_logging=False,
    )
    app.add_route(door, "/", methods=["GET"], stream=True)
    route = app.router.routes[0]
    router.door = (route, route.handler, {})
    return app
