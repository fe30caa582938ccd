"""The admin port's own description: OpenAPI 3.1, at ``/openapi.json``.

Paths and methods are those that the app has; what is known of each stands in a table here. One that
is not in the table is described by its path alone, so the document never names what is not there.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

import msgspec
from sanic import HTTPResponse, Request

from contracts.fault import PROBLEM_JSON
from ingress import admin_cache, admin_dlq, admin_limits, admin_maintenance
from ingress.admin_answers import App, answer
from ingress.admin_guard import OPEN
from ingress.consumers import desk, orders

HEALTH_JSON: Final = "application/health+json"

_PARAMETER: Final = re.compile(r"<([a-z_]+)(?::[^>]*)?>")
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

_NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
_TEXT: Final = {"type": "string"}
_JOURNAL: Final = dict.fromkeys(
    ("since", "until", "route", "method", "status", "code", "caller", "slower", "header", "run"),
    _TEXT,
)


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one: its query, the type of its body, and of its answer."""

    summary: str
    query: Mapping[str, Mapping[str, Any]] = {}
    body: type | None = None
    media: str = "application/json"
    # Of the answers below 400, and of any other whose body is no problem document.
    also: tuple[str, ...] = ()


OPERATIONS: Final[Mapping[str, Operation]] = {
    "GET /": Operation(summary="What this gateway is, and what it does now"),
    "GET /healthz": Operation(summary="Whether the process lives", media=HEALTH_JSON),
    "GET /readyz": Operation(summary="Whether it can serve", media=HEALTH_JSON, also=("503",)),
    "GET /metrics": Operation(summary="Metrics, as Prometheus reads them", media="text/plain"),
    "GET /openapi.json": Operation(summary="This document"),
    "GET /dlq": Operation(summary="The dead letters of all queues, counted by why"),
    "GET /dlq/{queue}": Operation(
        summary="Dead letters of one queue",
        query={"limit": _NUMBER, "body": _NUMBER, "reason": _TEXT, "operation": _TEXT},
    ),
    "POST /dlq/{queue}/requeue": Operation(
        summary="Send dead letters again", body=admin_dlq.AskedToRequeue
    ),
    "POST /dlq/{queue}/drop": Operation(summary="Drop dead letters", body=admin_dlq.Asked),
    "GET /v1/journal": Operation(
        summary="Records, page by page, without headers and bodies",
        query={**_JOURNAL, "limit": _NUMBER, "cursor": _TEXT},
    ),
    "GET /v1/journal/stats": Operation(summary="Records, summed up by route", query=_JOURNAL),
    "GET /v1/journal/{name}": Operation(summary="All of one record"),
    "GET /v1/cache": Operation(summary="What the cache holds, in numbers"),
    "GET /v1/cache/entries": Operation(
        summary="Entries of the cache", query={"limit": _NUMBER, "path": _TEXT, "tag": _TEXT}
    ),
    "POST /v1/cache/purge": Operation(summary="Drop entries", body=admin_cache.Asked),
    "GET /v1/limits": Operation(
        summary="Who has used what of the limits, the fullest first",
        query={"limit": _TEXT, "key": _TEXT, "top": _NUMBER},
    ),
    "POST /v1/limits/reset": Operation(
        summary="Have one key begin anew under a limit", body=admin_limits.Asked
    ),
    "GET /v1/maintenance": Operation(summary="What is closed"),
    "POST /v1/maintenance": Operation(
        summary="Close all, a group or a route", body=admin_maintenance.Asked
    ),
    "DELETE /v1/maintenance": Operation(summary="Open it again", body=admin_maintenance.Asked),
    "GET /v1/consumers": Operation(summary="The consumers of the route file and of the store"),
    "GET /v1/consumers/{name}": Operation(summary="One consumer"),
    "DELETE /v1/consumers/{name}": Operation(summary="Remove a consumer and its keys"),
    "GET /v1/keys": Operation(
        summary="API keys, without what is secret", query={"consumer": _TEXT}
    ),
    "DELETE /v1/keys/{name}": Operation(summary="Revoke a key"),
    "GET /v1/usage-plans": Operation(summary="The usage plans"),
    "GET /v1/usage-plans/{name}": Operation(summary="One usage plan"),
    "DELETE /v1/usage-plans/{name}": Operation(summary="Remove a usage plan"),
    "POST /v1/consumers": Operation(summary="Add a consumer", body=desk.NewConsumer),
    "PATCH /v1/consumers/{name}": Operation(summary="Change it", body=orders.ConsumerOrder),
    "POST /v1/keys": Operation(summary="Issue a key", body=orders.KeyOrder),
    "POST /v1/keys/{name}/rotate": Operation(
        summary="Issue a key in the place of another", body=orders.RotateOrder
    ),
    "PATCH /v1/usage-plans/{name}": Operation(summary="Set a usage plan", body=orders.PlanOrder),
}


def add_routes(app: App) -> None:
    """Serve the document on the admin app; it describes the routes that are there when asked."""

    async def openapi(_: Request) -> HTTPResponse:
        return answer(document(app))

    app.add_route(openapi, "/openapi.json", name="openapi")


def document(app: App) -> dict[str, Any]:
    """Describe the app."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method in sorted(_routes(app)):
        name = f"{method} {path}"
        known = OPERATIONS.get(name) or Operation(summary=name)
        paths.setdefault(path, {})[method.lower()] = _operation(path, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "queuegate, admin port", "version": version("queuegate")},
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _routes(app: App) -> Iterator[tuple[str, str]]:
    for route in app.router.routes:
        path = "/" + _PARAMETER.sub(r"{\1}", route.path)
        yield from ((path, method) for method in route.methods if method in _METHODS)


def _operation(path: str, known: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"\{([a-z_]+)\}", path)
    ]
    parameters += [
        {"name": name, "in": "query", "schema": schema} for name, schema in known.query.items()
    ]
    told = {"description": "as asked", "content": {known.media: {}}}
    described: dict[str, Any] = {
        "summary": known.summary,
        "parameters": parameters,
        "security": [] if path in OPEN else [{"token": []}],
        "responses": {
            **dict.fromkeys(("2XX", *known.also), told),
            "default": {
                "description": "a problem document (RFC 9457)",
                "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if known.body is not None:
        (schema,), parts = msgspec.json.schema_components([known.body])
        # Inline: there is one type, and nothing in it that needs a name.
        whole = parts[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        described["requestBody"] = {"content": {"application/json": {"schema": whole}}}
    return described


_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
