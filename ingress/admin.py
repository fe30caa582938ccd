"""The admin port: health, readiness and metrics, on loopback by default.

``/healthz`` says that the process lives, ``/readyz`` that it can serve: a load
balancer asks the second, a process manager the first. The documents follow
the IETF draft "Health Check Response Format for HTTP APIs"
(draft-inadarei-api-health-check).
"""

from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Any, Final

import msgspec
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.handlers import ErrorHandler

from contracts.fault import Fault
from ingress import admin_openapi
from ingress.admin_answers import Answer, App, answer, problem
from ingress.admin_openapi import HEALTH_JSON
from ingress.sanic_app import fault_of

_CODES: Final = {404: "not_found", 405: "method_not_allowed"}

_numbers = count(1)


class Check(msgspec.Struct, frozen=True):
    """One thing that must be well for the gateway to be ready."""

    ok: bool
    output: str = ""


def build(
    ready: Callable[[], Mapping[str, Check]],
    metrics: Callable[[], Awaitable[bytes]],
    metrics_type: str,
    about: Callable[[], Mapping[str, Any]],
) -> App:
    """Make the admin app.

    ``ready`` gives the checks, ``metrics`` the exposition text, ``about``
    what ``/`` tells of this gateway.
    """
    config = Config(env_prefix=None)
    config.update({"ACCESS_LOG": False, "MOTD": False, "KEEP_ALIVE_TIMEOUT": 5})
    app: App = Sanic(
        f"queuegate-admin-{next(_numbers)}",
        config=config,
        configure_logging=False,
        error_handler=_Problems(),
    )

    async def healthz(_: Request) -> HTTPResponse:
        return answer({"status": "pass"}, media=HEALTH_JSON)

    async def readyz(_: Request) -> HTTPResponse:
        checks = ready()
        well = all(check.ok for check in checks.values())
        told = {
            "status": "pass" if well else "fail",
            "checks": {
                name: [{"status": "pass" if check.ok else "fail", "output": check.output}]
                for name, check in checks.items()
            },
        }
        return answer(told, 200 if well else 503, HEALTH_JSON)

    async def scrape(_: Request) -> HTTPResponse:
        return Answer(await metrics(), content_type=metrics_type)

    async def root(_: Request) -> HTTPResponse:
        return answer(about())

    app.add_route(healthz, "/healthz", methods=["GET", "HEAD"])
    app.add_route(readyz, "/readyz", methods=["GET", "HEAD"])
    app.add_route(scrape, "/metrics")
    app.add_route(root, "/")
    admin_openapi.add_routes(app)
    return app


class _Problems(ErrorHandler):
    """Answers Sanic's own errors as problem documents (RFC 9457)."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:  # noqa: ARG002 - the signature is Sanic's
        code = _CODES.get(getattr(exception, "status_code", 500))
        fault = Fault(code) if code else fault_of(exception)
        # With 405 comes Allow (RFC 9110 section 15.5.6).
        return problem(fault, headers=getattr(exception, "headers", None))
