"""Limits on the admin port: who has used what, and forgetting it.

``GET /v1/limits`` tells it, ``POST /v1/limits/reset`` makes one key begin anew. What is told and
forgotten is what all processes count, not the one alone that answers.
"""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

import msgspec
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config

from contracts.fault import PROBLEM_JSON, Fault
from ingress.limits.limit import Limit, Standing
from ingress.limits.meter import Meter
from ingress.plan import Plan
from ingress.policies.limits import Limits

# Keys that one answer has at most.
PAGE: Final = 1000

App = Sanic[Config, Any]
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]
# The limits that hold now: of routes and of usage plans.
Known = Callable[[], Iterable[Limit]]
# Hears what was done: a level of the log, and a sentence.
Report = Callable[[str, str], None]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of an order to forget: a limit (or usage plan), and whose count."""

    limit: str
    key: str


def limits_of(plans: Iterable[Plan]) -> list[Limit]:
    """Give the limits of all routes, and of the usage plans that their callers may have, once."""
    found = {
        (limit.name, limit.table): limit
        for plan in plans
        for policy in plan.policies
        if isinstance(policy, Limits)
        for limit in policy.limits()
    }
    return list(found.values())


def add_routes(app: App, meter: Meter, known: Known, report: Report) -> None:
    """Serve ``/v1/limits`` on the admin app."""

    async def usage(request: Request) -> HTTPResponse:
        name, key = request.args.get("limit", ""), request.args.get("key", "")
        top = _number(request.args.get("top", "50"))
        limits = _chosen(known(), name) if name else list(known())
        return _json({"usage": await _usage(meter, limits, key, top)})

    async def reset(request: Request) -> HTTPResponse:
        asked = _order(request)
        limits = _chosen(known(), asked.limit)
        # Each: a name may stand for rates and for quotas.
        done = [await meter.reset(limit, asked.key) for limit in limits]
        if any(done):
            what = f"{asked.key} begins anew under the limit {asked.limit}"
            report("INFO", f"admin port, {request.ip}: {what}")
        return _json({"reset": any(done)})

    app.add_route(_guarded(usage), "/v1/limits", name="limits")
    app.add_route(_guarded(reset), "/v1/limits/reset", methods=["POST"], name="limits_reset")


async def _usage(meter: Meter, limits: Iterable[Limit], key: str, top: int) -> list[dict[str, Any]]:
    """Give those who have least left, the fullest first."""
    found: list[tuple[float, dict[str, Any]]] = []
    for limit in limits:
        async for one in meter.usage(limit):
            if key and one.key != key:
                continue
            windows = [_window(standing) for standing in one.standings]
            share = max(window["used"] / window["calls"] for window in windows)
            if share:
                found.append((share, {"limit": limit.name, "key": one.key, "windows": windows}))
            if len(found) >= 2 * PAGE:
                found = sorted(found, key=lambda pair: -pair[0])[:top]
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])[:top]]


def _window(standing: Standing) -> dict[str, Any]:
    one, left, reset = standing
    return {
        "name": one.name,
        "calls": one.calls,
        "used": one.calls - left,
        "left": left,
        "reset_s": round(reset / 1000, 3),
    }


def _chosen(known: Iterable[Limit], name: str) -> list[Limit]:
    found = [limit for limit in known if limit.name == name]
    if not found:
        raise Fault("not_found", f"no limit or usage plan is called {name!r}")
    return found


def _order(request: Request) -> Asked:
    if request.headers.get("origin"):
        raise Fault("forbidden", "no orders from web pages")
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Fault("unsupported_media_type", "an order is application/json")
    try:
        return msgspec.json.decode(request.body or b"{}", type=Asked)
    except msgspec.ValidationError as error:
        raise Fault("invalid_body", str(error)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Fault("invalid_request", f"the body is not JSON: {error}") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= PAGE):
        raise Fault("invalid_request", f"top is a number from 1 to {PAGE}")
    return int(text)


def _guarded(handler: Handler) -> Handler:
    """Answer a Fault with its problem document."""

    async def guarded(request: Request) -> HTTPResponse:
        try:
            return await handler(request)
        except Fault as fault:
            body = msgspec.json.encode(fault.problem())
            return HTTPResponse(body, status=fault.status, content_type=PROBLEM_JSON)

    return guarded


def _json(value: object) -> HTTPResponse:
    return HTTPResponse(
        msgspec.json.encode(value),
        headers={"cache-control": "no-store"},
        content_type="application/json",
    )
