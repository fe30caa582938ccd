"""The journal on the admin port: the same as ``queuegate log``, for programs, and read only.

``GET /v1/journal`` gives records page by page, without headers and bodies; ``/v1/journal/stats``
sums up; ``/v1/journal/ID`` gives all of one. Files are read on threads of their own.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from sanic import HTTPResponse, Request

from contracts.deadline import now_ms
from contracts.fault import Fault
from ingress import units
from ingress.admin_answers import App, answer, guarded
from ingress.admin_requests import page
from ingress.journal import words
from ingress.journal.document import document
from ingress.journal.filter import Filter, check_expression
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError
from ingress.problems import did_you_mean

Open = Callable[[], Reader]
T = TypeVar("T")

_FILTERS: Final = (
    *("since", "until", "route", "method", "status", "code", "caller", "slower", "id", "header"),
    *("body", "reply", "replayed", "replay_of", "run"),
)
_TRUTHS: Final = {"true": True, "false": False}


def add_routes(app: App, open_reader: Open) -> None:
    """Serve ``/v1/journal`` on the admin app; ``open_reader`` opens the journal, and may fail."""

    async def find(request: Request) -> HTTPResponse:
        wanted = _filter(request, "limit", "cursor", "oldest")
        limit = page(request)
        after, oldest = request.args.get("cursor", ""), bool(_truth(request, "oldest"))
        records = await _read(
            open_reader,
            lambda reader: list(reader.find(wanted, limit=limit, after=after, oldest=oldest)),
        )
        told = [document(record, content=False) for record in records]
        # A page that is not full is the last one.
        cursor = records[-1].place if len(records) == limit else ""
        return answer({"records": told, "cursor": cursor})

    async def stats(request: Request) -> HTTPResponse:
        wanted = _filter(request)
        return answer({"routes": await _read(open_reader, lambda reader: reader.stats(wanted))})

    async def show(_: Request, name: str) -> HTTPResponse:
        records = await _read(open_reader, lambda reader: reader.get(name))
        if not records:
            raise Fault("not_found", "no record has this id")
        return answer({"records": [document(record) for record in records]})

    app.add_route(guarded(find), "/v1/journal", name="journal")
    app.add_route(guarded(stats), "/v1/journal/stats", name="journal_stats")
    app.add_route(guarded(show), "/v1/journal/<name>", name="journal_show")


async def _read(open_reader: Open, look: Callable[[Reader], T]) -> T:
    """Look into the journal on a thread; the event loop has requests to serve."""

    def read() -> T:
        reader = open_reader()
        try:
            return look(reader)
        finally:
            reader.close()

    try:
        return await asyncio.to_thread(read)
    except JournalError as error:
        if "no cursor" in str(error):
            raise Fault("invalid_request", str(error)) from None
        raise Fault("internal", str(error)) from None


def _filter(request: Request, *besides: str) -> Filter:
    asked, now = request.args, now_ms()
    for name in asked:
        if name not in {*_FILTERS, *besides}:
            hint = did_you_mean(name, [*_FILTERS, *besides]) or f"known: {', '.join(_FILTERS)}"
            raise Fault("invalid_request", f"{name}: no such parameter ({hint})")
    every = asked.getlist
    try:
        return Filter(
            since=words.moment(asked["since"][0], now) if "since" in asked else None,
            until=words.moment(asked["until"][0], now) if "until" in asked else None,
            ids=tuple(every("id", [])),
            routes=tuple(every("route", [])),
            methods=tuple(one.upper() for one in every("method", [])),
            statuses=tuple(map(words.status, every("status", []))),
            codes=tuple(every("code", [])),
            callers=tuple(every("caller", [])),
            slower=_micros(asked.get("slower", "")),
            headers=words.headers(every("header", [])),
            body=check_expression(asked["body"][0]) if "body" in asked else "",
            reply=check_expression(asked["reply"][0]) if "reply" in asked else "",
            replayed=_truth(request, "replayed"),
            replay_of=asked.get("replay_of", ""),
            run=asked.get("run", ""),
        )
    except ValueError as error:
        raise Fault("invalid_request", str(error)) from None


def _micros(text: str) -> int | None:
    return round(units.duration(text) * 1_000_000) if text else None


def _truth(request: Request, name: str) -> bool | None:
    text = request.args.get(name)
    if text is None:
        return None
    if text not in _TRUTHS:
        raise Fault("invalid_request", f"{name} is true or false")
    return _TRUTHS[text]
