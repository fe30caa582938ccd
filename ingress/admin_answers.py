"""How the admin port answers: JSON that nobody keeps, and faults as problem documents."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, Final

import msgspec
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config

from contracts.fault import PROBLEM_JSON, Fault

App = Sanic[Config, Any]
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]

JSON: Final = "application/json"


class Answer(HTTPResponse):
    """An answer without the empty ``alt-svc`` that Sanic adds to each."""

    __slots__ = ()

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Give the header section, field by field."""
        self.headers.pop("alt-svc", None)
        return super().processed_headers


def answer(
    value: object,
    status: int = 200,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> HTTPResponse:
    """Answer with a JSON document."""
    return Answer(
        msgspec.json.encode(value),
        status=status,
        headers={"cache-control": "no-store", **(headers or {})},
        content_type=media,
    )


def problem(
    fault: Fault, status: int | None = None, headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    """Answer with a fault's problem document (RFC 9457), perhaps with another status."""
    status = fault.status if status is None else status
    return answer({**fault.problem(), "status": status}, status, PROBLEM_JSON, headers)


def guarded(handler: Handler) -> Handler:
    """Answer a Fault of the handler with its problem document."""

    async def guarded(request: Request, **parts: str) -> HTTPResponse:
        try:
            return await handler(request, **parts)
        except Fault as fault:
            return problem(fault)

    return guarded
