"""Who may call which route, without a request: for people, and for tests of a route file."""

from typing import Any, Final, Literal

import msgspec

from ingress import layers
from ingress.auth import sections as auth
from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused
from ingress.authz.rules import Rules
from ingress.authz.stand_in import StandIn
from ingress.consumers.records import UsagePlan
from ingress.routefile import RouteFile

_UNAUTHENTICATED, _FORBIDDEN = 401, 403
_NO_PLAN: Final = "the caller's usage plan does not cover this route"


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What one route says of one caller.

    ``may`` is ``yes``, ``no`` or ``depends``; ``status`` what a call would be answered for ``no``,
    else 0; ``why`` what is missing, or on what it depends; ``line`` where the rule stands, 0 for
    none.
    """

    route: str
    may: Literal["yes", "no", "depends"]
    status: int = 0
    why: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    line: int = 0


def outlook(
    route_file: RouteFile, index: int, route: str, who: StandIn, address: str | None
) -> Outlook:
    """Judge a caller on the route at ``index``, whose name is ``route``."""
    settings = layers.of(route_file, index)
    ways, allow = auth.names(settings["auth"].value), settings["allow"]
    rules = Rules(allow.value)
    said: dict[str, Any] = {"route": route, "rules": rules.words(), "line": allow.line}

    def no(status: int, why: str) -> Outlook:
        return Outlook(may="no", status=status, why=(why,), **said)

    try:
        identity = who.on(ways)
    except Refused as refused:
        return no(_UNAUTHENTICATED, refused.reason)
    if ways and identity is None:
        return no(_UNAUTHENTICATED, f"a credential of {' or '.join(ways)} is missing")
    if identity is not None and not _covers(route_file, identity, route):
        return no(_FORBIDDEN, _NO_PLAN)
    judged = rules.judge(identity, address)
    return Outlook(
        may=judged.may, status=_FORBIDDEN if judged.may == "no" else 0, why=judged.reasons, **said
    )


def _covers(route_file: RouteFile, who: Identity, route: str) -> bool:
    if not who.plan:
        return True
    section = (route_file.usage_plans or {}).get(who.plan)
    # One that is not in the file may be in the store; without either the call is refused.
    return section is not None and UsagePlan(name=who.plan, routes=section.routes).covers(route)
