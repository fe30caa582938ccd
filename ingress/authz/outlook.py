"""Who may call which route, without a request: for people, and for tests of a route file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from ingress import layers
from ingress.auth import sections as auth
from ingress.auth.identity import Identity
from ingress.auth.jose.base64url import decode
from ingress.auth.jwt.mapping import Mapped
from ingress.auth.refusal import Refused
from ingress.authz.rules import Rules
from ingress.consumers import declared
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Known
from ingress.consumers.records import UsagePlan
from ingress.problems import did_you_mean
from ingress.routefile import RouteFile

ANONYMOUS: Final = "anonymous"

_UNAUTHENTICATED, _FORBIDDEN = 401, 403
_MOST_BYTES: Final = 1_000_000
_PARTS: Final = 3


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
    route_file: RouteFile, index: int, route: str, who: Identity | None, address: str | None
) -> Outlook:
    """Judge a caller on the route at ``index``, whose name is ``route``."""
    settings = layers.of(route_file, index)
    ways, allow = auth.names(settings["auth"].value), settings["allow"]
    rules = Rules(allow.value)
    said: dict[str, Any] = {"route": route, "rules": rules.words(), "line": allow.line}
    if ways and who is None:
        why = f"a credential of {' or '.join(ways)} is missing"
        return Outlook(may="no", status=_UNAUTHENTICATED, why=(why,), **said)
    if ways and who is not None and not _covers(route_file, who, route):
        why = "the caller's usage plan does not cover this route"
        return Outlook(may="no", status=_FORBIDDEN, why=(why,), **said)
    # Where nobody asks, nobody is known, whatever is shown.
    judged = rules.judge(who if ways else None, address)
    return Outlook(
        may=judged.may, status=_FORBIDDEN if judged.may == "no" else 0, why=judged.reasons, **said
    )


def caller(words: str, route_file: RouteFile) -> Identity | None:
    """Find who is meant: ``anonymous``, a consumer of the file, or a file with claims or a token.

    A token is read and not checked. Raises ``LookupError`` for who is not there, and
    ``ValueError`` for a file that says nothing of a caller.
    """
    if words == ANONYMOUS:
        return None
    known = _known(route_file).consumers
    for one in known:
        if one.name == words:
            return Identity(
                id=one.name,
                scheme="key",
                consumer=one.name,
                groups=one.groups,
                scopes=one.scopes,
                roles=one.roles,
                plan=one.plan,
            )
    path = Path(words)
    if not path.is_file():
        hint = did_you_mean(words, [ANONYMOUS, *(one.name for one in known)])
        known_are = hint or "write anonymous, a consumer of the file, or a file with claims"
        raise LookupError(f"there is no consumer and no file {words!r} ({known_are})")
    claims = _claims(path)
    try:
        return Mapped().identity(claims, "jwt", 0.0)
    except Refused as refused:
        raise ValueError(f"{words}: {refused.reason}") from None


def _covers(route_file: RouteFile, who: Identity, route: str) -> bool:
    if not who.plan:
        return True
    section = (route_file.usage_plans or {}).get(who.plan)
    # One that is not in the file may be in the store; without either the call is refused.
    return section is not None and UsagePlan(name=who.plan, routes=section.routes).covers(route)


def _known(route_file: RouteFile) -> Known:
    return declared.known(route_file.consumers or {}, route_file.usage_plans or {}, Digests())


def _claims(path: Path) -> Mapping[str, Any]:
    """Read claims: a JSON object, or a token whose middle part is one."""
    with path.open(encoding="utf-8") as file:
        text = file.read(_MOST_BYTES).strip()
    parts = text.split(".")
    try:
        if len(parts) == _PARTS and not text.startswith("{"):
            text = decode(parts[1]).decode()
        claims = json.loads(text)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise ValueError(f"{path} holds neither claims (a JSON object) nor a token")  # noqa: TRY004 - of a file
    return claims
