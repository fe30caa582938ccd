"""Limits on the admin port: who has used what, and forgetting it.

``GET /v1/limits`` tells it, ``POST /v1/limits/reset`` makes one key begin anew. What is told and
forgotten is what all processes count, not the one alone that answers.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from contracts.fault import Fault
from ingress.admin_answers import App, answer, guarded
from ingress.admin_requests import PAGE, number, read_order
from ingress.limits.limit import Limit, Standing
from ingress.limits.meter import Meter
from ingress.plan import Plan
from ingress.policies.limits import Limits

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
        top = number(request, "top", 50, PAGE)
        limits = _chosen(known(), name) if name else list(known())
        return answer({"usage": await _usage(meter, limits, key, top)})

    async def reset(request: Request) -> HTTPResponse:
        asked = read_order(request, Asked)
        limits = _chosen(known(), asked.limit)
        # Each: a name may stand for rates and for quotas.
        done = [await meter.reset(limit, asked.key) for limit in limits]
        if any(done):
            what = f"{asked.key} begins anew under the limit {asked.limit}"
            report("INFO", f"admin port, {request.ip}: {what}")
        return answer({"reset": any(done)})

    app.add_route(guarded(usage), "/v1/limits", name="limits")
    app.add_route(guarded(reset), "/v1/limits/reset", methods=["POST"], name="limits_reset")


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
