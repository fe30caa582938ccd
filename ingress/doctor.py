"""Looks at what a gateway needs and says what is wrong, and what to do about it."""

import errno
import http.client
import json
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Final

import msgspec

from contracts.brokers.port import Broker
from contracts.fault import Fault
from ingress.admin_sections import REALM
from ingress.compile import compile_plans
from ingress.fixed.sections import OWN
from ingress.plan import Plan
from ingress.problems import ConfigError, without_password
from ingress.routefile import RouteFile
from ingress.supervisor import listen

_SECONDS: Final = 2.0


class Verdict(StrEnum):
    """How a thing is."""

    WELL = "ok"
    UNKNOWN = "unknown"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. ``advice`` is what to do, when it is not well."""

    what: str
    verdict: Verdict
    detail: str
    advice: str = ""


def look_at_config(load: Callable[[], RouteFile]) -> tuple[RouteFile | None, list[Finding]]:
    """Load the route file; one finding for each problem, or one that all is well."""
    try:
        route_file = load()
    except ConfigError as error:
        wrong = [
            Finding(
                what=problem.place,
                verdict=Verdict.WRONG,
                detail=f"{problem.path}: {problem.message}" if problem.path else problem.message,
                advice=problem.hint or "`queuegate routes check` shows the line",
            )
            for problem in error.problems
        ]
        return None, wrong
    detail = f"{len(route_file.routes)} routes"
    return route_file, [
        Finding(what=route_file.document.source, verdict=Verdict.WELL, detail=detail)
    ]


def look_at_port(
    what: str, host: str, port: int, *, admin: tuple[str, int], option: str
) -> Finding:
    """Say whether a port can be listened on, or a gateway of ours already does."""
    try:
        listen(host, port).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_ours(*admin):
            return Finding(
                what=what, verdict=Verdict.WELL, detail=f"{host}:{port} a gateway serves"
            )
        advice = f"stop what is there, or choose another with {option}"
        if error.errno == errno.EACCES:
            advice = f"ports below 1024 need a privilege; choose another with {option}"
        detail = f"{host}:{port} cannot be listened on: {error.strerror}"
        return Finding(what=what, verdict=Verdict.WRONG, detail=detail, advice=advice)
    return Finding(what=what, verdict=Verdict.WELL, detail=f"{host}:{port} is free")


def embedded(url: str) -> list[Finding]:
    """Say what there is to say of a broker that lives in the gateway's process."""
    detail = f"{url} is embedded: it lives in the process of `queuegate dev`"
    return [Finding(what="broker", verdict=Verdict.WELL, detail=detail)]


async def look_at_broker(
    url: str, broker: Broker, route_file: RouteFile | None, *, within: float
) -> list[Finding]:
    """Connect, count what the queues of the routes hold and who consumes; closes the broker.

    ``within`` is in seconds.
    """
    shown = without_password(url)
    reasons: list[str] = []
    broker.watch(lambda _, reason: reasons.append(reason))
    broker.start()
    try:
        await broker.ready(within)
        found = [Finding(what="broker", verdict=Verdict.WELL, detail=f"{shown} is up")]
        every = compile_plans(route_file) if route_file else ()
        plans = [plan for plan in every if plan.target.operation != OWN]
        for target in dict.fromkeys((p.target.exchange, p.target.routing_key) for p in plans):
            sharing = [p for p in plans if (p.target.exchange, p.target.routing_key) == target]
            found.append(await _look_at_queue(broker, sharing, route_file))
    except Fault as fault:
        reason = next((text for text in reversed(reasons) if text), fault.detail or fault.title)
        advice = "is it running, and are host, port, user and vhost right? Check BROKER_URL"
        detail = f"{shown} cannot be reached: {without_password(reason)}"
        return [Finding(what="broker", verdict=Verdict.WRONG, detail=detail, advice=advice)]
    else:
        return found
    finally:
        await broker.close()


async def _look_at_queue(
    broker: Broker, plans: list[Plan], route_file: RouteFile | None
) -> Finding:
    target = plans[0].target
    if target.exchange:
        detail = f"bindings of {target.routing_key!r} cannot be seen from here"
        return Finding(what=f"exchange {target.exchange}", verdict=Verdict.UNKNOWN, detail=detail)
    queue = target.routing_key
    stats = await broker.stats(queue)
    serves = f"{len(plans)} route{'s' if len(plans) > 1 else ''}"
    if stats is None:
        detail, advice = f"is not there; {serves} would answer 503", _start(plans[0], route_file)
    elif not stats.consumers:
        detail = f"nobody consumes, {stats.messages} waiting; {serves} would answer 504"
        advice = _start(plans[0], route_file)
    else:
        many = "s" if stats.consumers > 1 else ""
        detail = f"{stats.consumers} consumer{many}, {stats.messages} waiting, {serves}"
        return Finding(what=f"queue {queue}", verdict=Verdict.WELL, detail=detail)
    return Finding(what=f"queue {queue}", verdict=Verdict.WRONG, detail=detail, advice=advice)


def _start(plan: Plan, route_file: RouteFile | None) -> str:
    name = plan.target.operation.partition(".")[0]
    service = ((route_file.services if route_file else None) or {}).get(name)
    if service and service.module:
        return f"start a worker: queuegate worker {service.module}"
    if plan.target.dialect.name == "raw":
        return f"start the consumer that declares the queue {plan.target.routing_key}"
    return "start a worker: queuegate worker MODULE:SERVICE, or one in another language"


def _is_ours(host: str, port: int) -> bool:
    """Ask the admin port who it is."""
    with suppress(OSError, http.client.HTTPException, ValueError):
        connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            if REALM in answer.getheader("www-authenticate", ""):
                return True
            about = json.loads(answer.read(65_536))
        finally:
            connection.close()
        return isinstance(about, dict) and about.get("service") == "queuegate"
    return False
