"""How the admin port answers."""

import json
from typing import cast

import pytest
from sanic import HTTPResponse, Request

from contracts.fault import Fault
from ingress.admin_answers import answer, guarded, problem


def _said(response: HTTPResponse) -> tuple[int, str | None, object]:
    assert response.headers["cache-control"] == "no-store"
    return response.status, response.content_type, json.loads(response.body or b"")


def test_a_document_is_json_that_nobody_keeps() -> None:
    """With the status and the fields that are asked for."""
    assert _said(answer({"a": 1})) == (200, "application/json", {"a": 1})
    made = answer([], 201, "application/x+json", {"x-a": "b"})
    assert _said(made) == (201, "application/x+json", [])
    assert made.headers["x-a"] == "b"


@pytest.mark.parametrize("status, told", [(None, 503), (404, 404)])
def test_a_fault_is_a_problem_document(status: int | None, told: int) -> None:
    """The status in it is the one of the answer (RFC 9457 section 3.1.2)."""
    got, media, document = _said(problem(Fault("broker_down"), status))
    assert (got, media) == (told, "application/problem+json")
    assert isinstance(document, dict)
    assert (document["status"], document["code"]) == (told, "broker_down")


async def test_a_handler_may_raise_a_fault() -> None:
    """It is answered; the parts of the path reach the handler."""

    async def handle(_: Request, name: str) -> HTTPResponse:
        if name == "a":
            return answer(name)
        raise Fault("not_found", name)

    request = cast("Request", None)
    assert _said(await guarded(handle)(request, name="a"))[2] == "a"
    assert (await guarded(handle)(request, name="b")).status == 404
