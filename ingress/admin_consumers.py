"""Consumers, keys and usage plans on the admin port: the same as the commands, for programs.

The orders themselves are in ``ingress.consumers.desk``. As with dead letters, a page of somebody
else cannot make a browser send one.
"""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import unquote

import msgspec
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config

from contracts.fault import PROBLEM_JSON, Fault
from ingress.consumers import desk
from ingress.consumers.desk import Entry
from ingress.consumers.office import Office

App = Sanic[Config, Any]
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


def add_routes(app: App, office: Callable[[], Office]) -> None:
    """Serve them; ``office`` gives the one of the route file that is served now."""
    for number, entry in enumerate(desk.ENTRIES):
        handler = _handler(entry, office)
        app.add_route(handler, entry.path, methods=[entry.method], name=f"office_{number}")


def _handler(entry: Entry, office: Callable[[], Office]) -> Handler:
    async def handle(request: Request, name: str = "") -> HTTPResponse:
        try:
            if entry.body is not None:
                _check(request)
            asked = unquote(name) or request.args.get("consumer", "")
            document = await desk.carry_out(office(), entry, asked, request.body)
        except Fault as fault:
            body = msgspec.json.encode(fault.problem())
            return HTTPResponse(body, status=fault.status, content_type=PROBLEM_JSON)
        return HTTPResponse(
            msgspec.json.encode(document),
            status=entry.status,
            headers={"cache-control": "no-store"},
            content_type="application/json",
        )

    return handle


def _check(request: Request) -> None:
    if request.headers.get("origin"):
        raise Fault("forbidden", "no orders from web pages")
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Fault("unsupported_media_type", "an order is application/json")
