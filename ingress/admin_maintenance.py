"""Maintenance on the admin port: ``GET``, ``POST`` and ``DELETE /v1/maintenance``.

The scope is ``all``, ``group NAME`` or the name of a route. As for dead letters, a page of somebody
else cannot send these orders: they need a JSON content type and have no ``Origin``.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import msgspec
from msgspec.structs import asdict
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config

from contracts.fault import PROBLEM_JSON, Fault
from ingress import units
from ingress.maintenance.closure import ALL
from ingress.maintenance.closures import Closures

App = Sanic[Config, Any]
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an order; ``retry_after`` is written with its unit, ``10m``."""

    scope: str = ALL
    retry_after: str = "60s"
    detail: Annotated[str, msgspec.Meta(max_length=1000)] = ""


def add_routes(app: App, closures: Closures) -> None:
    """Serve ``/v1/maintenance`` on the admin app."""

    async def look(_: Request) -> HTTPResponse:
        return _json({"closed": [asdict(one) for one in closures.known]})

    async def shut(request: Request) -> HTTPResponse:
        asked = _asked(request)
        try:
            seconds = units.duration(asked.retry_after)
        except ValueError as error:
            raise Fault("invalid_request", f"retry_after: {error}") from None
        return _json(asdict(await closures.shut(asked.scope, max(1.0, seconds), asked.detail)))

    async def open_again(request: Request) -> HTTPResponse:
        scope = _asked(request).scope
        return _json({"scope": scope, "was_closed": await closures.open(scope)})

    for handler, method in ((look, "GET"), (shut, "POST"), (open_again, "DELETE")):
        app.add_route(
            _guarded(handler), "/v1/maintenance", methods=[method], name=f"maintenance_{method}"
        )


def _asked(request: Request) -> Asked:
    if request.headers.get("origin") is not None:
        raise Fault("forbidden", "an order does not come from a page")
    kind = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Fault("unsupported_media_type", "an order is sent as application/json")
    try:
        return msgspec.json.decode(request.body or b"{}", type=Asked)
    except msgspec.MsgspecError as error:
        raise Fault("invalid_request", str(error)) from None


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: Request) -> HTTPResponse:
        try:
            return await handler(request)
        except Fault as fault:
            return _json(fault.problem(), fault.status, PROBLEM_JSON)

    return guarded


def _json(
    document: object, status: int = 200, content_type: str = "application/json"
) -> HTTPResponse:
    body = msgspec.json.encode(document)
    headers = {"cache-control": "no-store"}
    return HTTPResponse(body, status=status, headers=headers, content_type=content_type)
