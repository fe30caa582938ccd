"""The order in which policies decide, written once, each with its reason.

A new policy is a file in this folder with a ``build`` and one line here.
``build`` gets what the route file asks for (plain values: seconds, bytes,
nested mappings) and gives the policy, or ``None`` when the route does not ask
for it: what is off is not in the Plan and costs nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from ingress.policies import (
    allow,
    auth,
    bulkhead,
    cache,
    compress,
    cors,
    decompress,
    forms,
    invalidation,
    ip,
    json_limits,
    limits,
    maintenance,
    media,
    mirror,
    negotiate,
    redirect,
    reply,
    represent,
    require_worker,
    security_headers,
    shed,
    size,
    transform,
    validate,
    validate_reply,
)
from ingress.policies.port import Early, Policy, Slot

REASONS: Final[Mapping[Slot, str]] = {
    Slot.EDGE: "first: cheap refusals that need to know nobody",
    Slot.IDENTITY: "before QUOTA: quotas are per caller",
    Slot.QUOTA: "before SHAPE: a flood of malformed bodies is limited too",
    Slot.SHAPE: "before CACHE: only a valid request makes a cache key",
    Slot.CACHE: "after IDENTITY: a private answer never reaches a stranger",
    Slot.ONCE: "after CACHE: what is answered from there needs no idempotency key",
    Slot.REWRITE: "after SHAPE: clients are held to the public schema, workers get theirs",
    Slot.HOLD: "last: a place is taken only by a call that will be made",
}


class Place(msgspec.Struct, frozen=True):
    """One line of the order."""

    name: str
    slot: Slot
    build: Callable[[Mapping[str, Any]], Policy | None]
    reason: str


def made(name: str) -> Callable[[Mapping[str, Any]], Policy | None]:
    """Give a ``build`` for a policy that is made with the Plans that it knows, by the compiler."""
    return lambda asked: asked.get(name)


ORDER: Final[tuple[Place, ...]] = (
    Place(
        "security_headers",
        Slot.EDGE,
        security_headers.build,
        "before all that refuses: a browser reads refusals too",
    ),
    Place("cors", Slot.EDGE, cors.build, "before all that refuses: a preflight has no credentials"),
    Place("ip", Slot.EDGE, ip.build, "before anything is done for a stranger"),
    Place(
        "maintenance",
        Slot.EDGE,
        maintenance.build,
        "before all that is done for a call: it is not served now",
    ),
    Place(
        "version",
        Slot.EDGE,
        made("versioned"),
        "before anything is done for a version that has ended",
    ),
    Place("size", Slot.EDGE, size.build, "before all: a length costs nothing to look at"),
    Place(
        "limits_before_auth",
        Slot.EDGE,
        limits.build_early,
        "the last before anybody is asked who it is: guesses are counted too",
    ),
    Place("auth", Slot.IDENTITY, auth.build, "who it is, before what it may"),
    Place("allow", Slot.IDENTITY, allow.build, "what it may, once it is known who it is"),
    Place("limits", Slot.QUOTA, limits.build, "by caller, whatever the body is"),
    Place(
        "decompress",
        Slot.SHAPE,
        decompress.build,
        "before all that looks into a body: it has to be one",
    ),
    Place(
        "json_limits", Slot.SHAPE, json_limits.build, "before all that parses: it need not build"
    ),
    Place("media", Slot.SHAPE, media.build, "before any schema: only what parses has a shape"),
    Place("forms", Slot.SHAPE, forms.build, "after media, which knows them by their own names"),
    Place("negotiate", Slot.SHAPE, negotiate.build, "before the schema: it is one for every form"),
    Place("validate", Slot.SHAPE, validate.build, "the schema, once all cheaper looks are done"),
    Place("reply", Slot.SHAPE, reply.build, "what is the same for all needs no worker"),
    Place("redirect", Slot.SHAPE, redirect.build, "who is in the wrong place is sent on"),
    Place(
        "variants",
        Slot.SHAPE,
        made("divert"),
        "after all that may refuse the call: only who is known and right is divided",
    ),
    Place("cache", Slot.CACHE, cache.build, "what is answered from there goes no further"),
    Place(
        "invalidation",
        Slot.CACHE,
        invalidation.build,
        "behind the cache: what was refused here changed nothing",
    ),
    Place(
        "compress",
        Slot.REWRITE,
        compress.build,
        "the last to settle of these: what is encoded can be changed no more",
    ),
    Place("represent", Slot.REWRITE, represent.build, "before it is compressed: of the value"),
    Place(
        "validate_reply",
        Slot.REWRITE,
        validate_reply.build,
        "a reply is looked at once, before it is kept or encoded",
    ),
    Place(
        "transform",
        Slot.REWRITE,
        transform.build,
        "after all that looks at the public request, before all that looks at the public reply",
    ),
    Place(
        "mirror",
        Slot.REWRITE,
        mirror.build,
        "after all rewriting: the copy is what the worker gets",
    ),
    Place("affinity", Slot.REWRITE, made("affine"), "the last to say where: by what is sent"),
    Place(
        "require_worker",
        Slot.HOLD,
        require_worker.build,
        "before any place is taken: nobody would take the call out of its queue",
    ),
    Place("bulkhead", Slot.HOLD, bulkhead.build, "one slow route must not take all that there is"),
    Place("shed", Slot.HOLD, shed.build, "last of all: it counts what is really sent"),
)


def build(asked: Mapping[str, Any], since: Slot = Slot.EDGE) -> tuple[Policy, ...]:
    """Build the policies that a route asks for, in order; ``since`` leaves out those before it."""
    built = (place.build(asked) for place in ORDER if place.slot >= since)
    return tuple(policy for policy in built if policy is not None)


def early(asked: Mapping[str, Any]) -> tuple[Early, ...]:
    """Build those that have a say where no route is met."""
    return tuple(policy for policy in build(asked) if isinstance(policy, Early))


def place_of(policy: Policy) -> Place:
    """Give the line of the order that a policy stands on."""
    return next(place for place in ORDER if place.name == policy.name)
