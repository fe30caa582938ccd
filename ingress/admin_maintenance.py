"""Maintenance on the admin port: ``GET``, ``POST`` and ``DELETE /v1/maintenance``.

The scope is ``all``, ``group NAME`` or the name of a route.
"""

from typing import Annotated

import msgspec
from msgspec.structs import asdict
from sanic import HTTPResponse, Request

from contracts.fault import Fault
from ingress import units
from ingress.admin_answers import App, answer, guarded
from ingress.admin_requests import read_order
from ingress.maintenance.closure import ALL
from ingress.maintenance.closures import Closures


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an order; ``retry_after`` is written with its unit, ``10m``."""

    scope: str = ALL
    retry_after: str = "60s"
    detail: Annotated[str, msgspec.Meta(max_length=1000)] = ""


def add_routes(app: App, closures: Closures) -> None:
    """Serve ``/v1/maintenance`` on the admin app."""

    async def look(_: Request) -> HTTPResponse:
        return answer({"closed": [asdict(one) for one in closures.known]})

    async def shut(request: Request) -> HTTPResponse:
        asked = read_order(request, Asked)
        try:
            seconds = units.duration(asked.retry_after)
        except ValueError as error:
            raise Fault("invalid_request", f"retry_after: {error}") from None
        return answer(asdict(await closures.shut(asked.scope, max(1.0, seconds), asked.detail)))

    async def open_again(request: Request) -> HTTPResponse:
        scope = read_order(request, Asked).scope
        return answer({"scope": scope, "was_closed": await closures.open(scope)})

    for handler, method in ((look, "GET"), (shut, "POST"), (open_again, "DELETE")):
        app.add_route(
            guarded(handler), "/v1/maintenance", methods=[method], name=f"maintenance_{method}"
        )
