"""The cache on the admin port: what is kept, how it does, and dropping it.

``GET /v1/cache`` tells how it does, ``GET /v1/cache/entries`` what is kept, without bodies, and
``POST /v1/cache/purge`` drops by path, prefix or tag. Entries and figures are those of the process
that answers; an order to drop goes to all that share a store.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec
from sanic import HTTPResponse, Request

from contracts.fault import Fault
from ingress.admin_answers import App, answer, guarded
from ingress.admin_requests import page, read_order
from ingress.cache.document import entry_document, stats_document
from ingress.cache.entry import Entry
from ingress.cache.memory import Order
from ingress.cache.shelf import Shelf

# Hears who dropped what, and how many answers that were.
OnPurge = Callable[[str, Order, int], None]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an order to drop: one of ``path``, ``prefix``, ``tag`` and ``all``."""

    path: str = ""
    prefix: str = ""
    tag: str = ""
    host: str = ""
    all: bool = False


def add_routes(app: App, shelf: Shelf, on_purge: OnPurge) -> None:
    """Serve ``/v1/cache`` on the admin app."""

    async def stats(_: Request) -> HTTPResponse:
        return answer(stats_document(shelf))

    async def entries(request: Request) -> HTTPResponse:
        limit = page(request)
        now = shelf.clock()
        found = list(islice(_chosen(shelf, request), limit))
        full = len(found) < limit or bool(request.args.get("path"))
        return answer({"entries": [entry_document(one, now, full=full) for one in found]})

    async def purge(request: Request) -> HTTPResponse:
        order = _order(request, shelf.clock())
        dropped = shelf.drop(order)
        on_purge(f"admin port, {request.ip}", order, dropped)
        return answer({"dropped": dropped})

    app.add_route(guarded(stats), "/v1/cache", name="cache")
    app.add_route(guarded(entries), "/v1/cache/entries", name="cache_entries")
    app.add_route(guarded(purge), "/v1/cache/purge", methods=["POST"], name="cache_purge")


def _chosen(shelf: Shelf, request: Request) -> Iterator[Entry]:
    asked = request.args
    for name in asked:
        if name not in {"path", "prefix", "tag", "host", "limit"}:
            raise Fault("invalid_request", f"{name}: no such parameter")
    order = Order(
        at=float("inf"),
        path=asked.get("path", ""),
        prefix=asked.get("prefix", "/"),
        tag=asked.get("tag", ""),
        host=asked.get("host", ""),
    )
    return (one for one in shelf.memory.entries() if order.fits(one))


def _order(request: Request, now: float) -> Order:
    asked = read_order(request, Asked)
    given = [name for name in ("path", "prefix", "tag", "all") if getattr(asked, name)]
    if len(given) != 1:
        raise Fault("invalid_body", 'which? Give one of path, prefix, tag, or "all": true')
    wrong = [
        name for name in ("path", "prefix") if (text := getattr(asked, name)) and text[0] != "/"
    ]
    if wrong:
        raise Fault("invalid_body", f"{wrong[0]} begins with a slash; a host is given by itself")
    path = asked.path.partition("?")[0]
    return Order(
        at=now,
        path=path,
        prefix=asked.prefix,
        tag=asked.tag,
        host=asked.host.lower(),
        all=asked.all,
    )
