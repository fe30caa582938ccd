"""Consumers, keys and usage plans on the admin port: the same as the commands, for programs.

The orders themselves are in ``ingress.consumers.desk``.
"""

from collections.abc import Callable
from urllib.parse import unquote

from sanic import HTTPResponse, Request

from ingress.admin_answers import App, Handler, answer, guarded
from ingress.admin_requests import check_order
from ingress.consumers import desk
from ingress.consumers.desk import Entry
from ingress.consumers.office import Office


def add_routes(app: App, office: Callable[[], Office]) -> None:
    """Serve them; ``office`` gives the one of the route file that is served now."""
    for number, entry in enumerate(desk.ENTRIES):
        handler = _handler(entry, office)
        app.add_route(handler, entry.path, methods=[entry.method], name=f"office_{number}")


def _handler(entry: Entry, office: Callable[[], Office]) -> Handler:
    async def handle(request: Request, name: str = "") -> HTTPResponse:
        if entry.body is not None:
            check_order(request)
        asked = unquote(name) or request.args.get("consumer", "")
        return answer(
            await desk.carry_out(office(), entry, asked, request.body), status=entry.status
        )

    return guarded(handle)
