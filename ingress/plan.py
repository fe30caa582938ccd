"""A Plan: a route compiled, at start or reload, into what a request needs.

Immutable. A request keeps the Plan that it began with, so a reload never
changes the rules under a call in flight.
"""

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from contracts.dialects.port import Dialect
from ingress.journal.recording import Recording
from ingress.policies.port import Holder, Policy, Settler, Slot
from ingress.routing.conditions import ALWAYS, Conditions


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how soon to try again.

    ``attempts`` counts the first one too: 1 means no retry. ``base`` and
    ``cap`` are seconds for the full-jitter back-off (AWS Architecture Blog,
    "Exponential Backoff And Jitter"; Envoy's 25 ms and 250 ms).
    ``attempt_timeout`` in seconds bounds one attempt; ``None`` gives each all
    that is left.
    """

    attempts: int = 3
    base: float = 0.025
    cap: float = 0.25
    attempt_timeout: float | None = None


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """When a circuit opens and how it closes.

    Opens when at least ``min_calls`` of the last ``window`` seconds ended and
    the share ``failure_rate`` (0 to 1) of them failed; stays open for
    ``open_for`` seconds; then lets ``probes`` calls through and closes when
    all of them succeed.
    """

    failure_rate: float = 0.5
    window: float = 30.0
    min_calls: int = 20
    open_for: float = 10.0
    probes: int = 1


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where the call goes: an exchange with a routing key, in a dialect.

    ``require_worker`` says that nobody wants to wait while nobody consumes there.
    """

    operation: str
    dialect: Dialect
    routing_key: str
    exchange: str = ""
    require_worker: bool = False


class Fan(msgspec.Struct, frozen=True, kw_only=True):
    """That a request is several calls at once: those of the Plan's ``variants``, by these names.

    ``need`` is ``all``, ``any`` or ``best_effort``.
    """

    names: tuple[str, ...]
    need: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that the path of a request needs to know about its route.

    ``name`` is the method and the pattern as declared, ``POST /v1/orders``,
    with what else the route asks of a request, ``GET /v1/orders [x-beta: 1]``;
    it labels metrics and log lines. ``hosts`` (none: all) and ``when`` say which
    requests it takes; with ``slash`` the path with a trailing slash more or
    less is sent on to it. ``variants`` are those that calls may be diverted to
    once they are this one's; ``version`` is that of the API, ``group`` that of the
    routes. ``timeout`` is in seconds, ``max_body`` in bytes. ``idempotent`` says
    that trying twice is safe. ``policies`` are in slot order; ``settlers`` are
    those of them that also want to see the
    answer, in reverse. ``retry``, ``breaker`` and ``journal`` are ``None`` when
    off. ``accept`` says that the client hears 202 when the broker keeps the
    call, and no more.
    """

    name: str
    method: str
    pattern: str
    target: Target
    timeout: float = 5.0
    max_body: int = 1_048_576
    idempotent: bool = False
    retry: Retry | None = None
    breaker: Breaker | None = None
    accept: bool = False
    policies: tuple[Policy, ...] = ()
    settlers: tuple[Settler, ...] = ()
    log: bool = True
    journal: Recording | None = None
    hosts: tuple[str, ...] = ()
    when: Conditions = ALWAYS
    slash: bool = False
    variants: tuple["Plan", ...] = ()
    version: str = ""
    group: str = ""
    fan: Fan | None = None


def every(plans: Iterable[Plan]) -> Iterator[Plan]:
    """Give the plans and those that their calls may be diverted to."""
    for plan in plans:
        yield plan
        yield from plan.variants


def holders(plans: Iterable[Plan]) -> Iterator[tuple[str, Holder]]:
    """Give the policies that hold places, each with its route's name."""
    for plan in plans:
        for policy in plan.policies:
            if policy.slot is Slot.HOLD:
                yield plan.name, cast("Holder", policy)
