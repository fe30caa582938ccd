"""How consumers, keys and usage plans are told: plain values, times as RFC 3339, no secrets."""

import time
from collections.abc import Iterable
from typing import Any

from ingress.consumers import moment
from ingress.consumers.records import Consumer, Key, UsagePlan


def consumer_document(consumer: Consumer, origin: str, keys: Iterable[Key]) -> dict[str, Any]:
    """Tell of a consumer; ``origin`` is ``file`` or ``store``."""
    return {
        "name": consumer.name,
        "origin": origin,
        "plan": consumer.plan,
        "groups": list(consumer.groups),
        "scopes": list(consumer.scopes),
        "roles": list(consumer.roles),
        "description": consumer.description,
        "disabled": consumer.disabled,
        "password": bool(consumer.password),
        "keys": sum(key.consumer == consumer.name for key in keys),
    }


def key_document(key: Key, origin: str, used: float, *, usable: bool) -> dict[str, Any]:
    """Tell of a key; ``used`` is when it was last shown, in Unix seconds, 0 for never."""
    return {
        "id": key.id,
        "consumer": key.consumer,
        "origin": origin,
        "state": _state(key, usable=usable),
        "label": key.label,
        "created": _moment(key.created),
        "expires": _moment(key.expires),
        "last_used": _moment(used),
        "replaces": key.replaces,
    }


def plan_document(plan: UsagePlan, origin: str) -> dict[str, Any]:
    """Tell of a usage plan."""
    return {
        "name": plan.name,
        "origin": origin,
        "rates": list(plan.rates),
        "quotas": list(plan.quotas),
        "concurrent": plan.concurrent,
        "routes": list(plan.routes),
        "description": plan.description,
    }


def _state(key: Key, *, usable: bool) -> str:
    if not usable:
        return "secret missing"
    return "expired" if key.expires and key.expires <= time.time() else "active"


def _moment(seconds: float) -> str | None:
    return moment.write(seconds) if seconds else None
