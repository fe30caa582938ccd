"""What happens on a route, in which order, with which settings, and why.

For people: nothing on the path of a request reads this. It tells from the same
Plans and layers that requests are served with, so it cannot tell stories.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from contracts.dialects.vouched import Vouched
from contracts.fault import Fault
from ingress import layers, pattern, policies, writing
from ingress.plan import Plan
from ingress.policies.port import Policy
from ingress.routefile import RouteFile
from ingress.router import Router

_WHY_RETRY: Final = "outermost, so that an opening circuit ends the retries"
_WHY_BREAKER: Final = "between them, so that it hears of every attempt and can refuse the next"
_WHY_ACCEPT: Final = "instead of an answer: 202 once the broker says that it keeps the call"
_WHY_TIMEOUT: Final = "innermost, so that the breaker sees a timeout and not a cancellation"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One box on the way: a policy, or a layer of the dispatch.

    ``slot`` is empty for the dispatch. ``settings`` are written as in the
    file; empty means that it is off.
    """

    name: str
    settings: Mapping[str, str]
    reason: str
    slot: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that holds, and where it was set; ``line`` is 0 outside of the file."""

    name: str
    value: str
    origin: str
    line: int


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All about one route."""

    route: str
    operation: str
    file: str
    line: int
    parameters: tuple[str, ...]
    policies: tuple[Step, ...]
    dispatch: tuple[Step, ...]
    retried_when: tuple[str, ...]
    target: Mapping[str, str]
    limits: Mapping[str, str]
    settings: tuple[Source, ...]


def find(plans: Sequence[Plan], words: str) -> list[int]:
    """Find routes by name, by a request (``GET /v1/orders/42``), by path or by operation.

    Gives their places in the file; empty when there is none.
    """
    words = " ".join(words.split())
    method, _, path = words.partition(" ")
    method = pattern.ANY if method == "*" else method.upper()
    wanted = f"{method} {path}" if path else words
    for names in (
        [plan.name for plan in plans],
        [f"{plan.method} {plan.pattern}" for plan in plans],
        [plan.pattern for plan in plans],
        [plan.target.operation for plan in plans],
    ):
        if found := [index for index, name in enumerate(names) if name == wanted]:
            return found
    methods = [method] if path else list(pattern.METHODS)
    return _called(plans, methods, path or words)


def explain(route_file: RouteFile, plans: Sequence[Plan], index: int) -> Explanation:
    """Explain the route at ``index`` of the file."""
    plan, settings = plans[index], layers.of(route_file, index)
    document = route_file.document
    parsed = pattern.parse(f"{plan.method} {plan.pattern}")
    return Explanation(
        route=plan.name,
        operation=plan.target.operation,
        file=document.source,
        line=document.mark(("routes", index, "route")).line,
        parameters=parsed.names,
        policies=tuple(_policy(policy) for policy in plan.policies),
        dispatch=_dispatch(plan, settings),
        retried_when=_retried_when(plan, settings),
        target=_target(plan, settings),
        limits={
            "timeout": writing.write("timeout", plan.timeout),
            "max_body": writing.write("max_body", plan.max_body),
        },
        settings=tuple(
            Source(
                name=name,
                value=writing.write(name, setting.value),
                origin=setting.origin,
                line=setting.line,
            )
            for name, setting in settings.items()
        ),
    )


def _called(plans: Sequence[Plan], methods: Sequence[str], path: str) -> list[int]:
    router = Router(plans)
    found = []
    for method in methods:
        try:
            plan, _ = router.match(method, path.partition("?")[0])
        except Fault:
            continue
        found.append(next(index for index, one in enumerate(plans) if one.name == plan.name))
    return list(dict.fromkeys(found))


def _policy(policy: Policy) -> Step:
    place = policies.place_of(policy)
    settings = {
        name: writing.write(name, tuple(value) if isinstance(value, list) else value)
        for name, value in policy.settings().items()
    }
    reason = f"{policies.REASONS[place.slot]}; {place.reason}"
    return Step(name=policy.name, settings=settings, reason=reason, slot=place.slot.name)


def _dispatch(plan: Plan, settings: layers.Settings) -> tuple[Step, ...]:
    timeout = {"timeout": writing.write("timeout", plan.timeout)}
    bound = settings.get("retry.attempt_timeout")
    if bound and bound.value is not None:
        timeout["attempt_timeout"] = writing.write("attempt_timeout", bound.value)
    steps: tuple[Step, ...] = (
        Step(name="retry", settings=_inner(settings, "retry"), reason=_WHY_RETRY),
        Step(name="breaker", settings=_inner(settings, "breaker"), reason=_WHY_BREAKER),
        Step(name="timeout", settings=timeout, reason=_WHY_TIMEOUT),
    )
    if plan.accept:
        steps += (Step(name="accept", settings={"accept": "true"}, reason=_WHY_ACCEPT),)
    return steps


def _inner(settings: layers.Settings, name: str) -> dict[str, str]:
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): writing.write(key, setting.value)
        for key, setting in settings.items()
        if key.startswith(prefix) and setting.value is not None
    }


def _retried_when(plan: Plan, settings: layers.Settings) -> tuple[str, ...]:
    if plan.retry is None or plan.retry.attempts == 1:
        return ()
    safe = ["the call is known not to have run (no queue, not confirmed, refused)"]
    idempotent = settings["idempotent"]
    if plan.idempotent:
        safe.append(f"it failed or timed out: the route is idempotent ({_origin(idempotent)})")
    else:
        safe.append(
            "it failed or timed out and carries an Idempotency-Key header: "
            f"the route itself is not idempotent ({_origin(idempotent)})"
        )
    return tuple(safe)


def _origin(setting: layers.Setting) -> str:
    return f"{setting.origin}, line {setting.line}" if setting.line else setting.origin


def _target(plan: Plan, settings: layers.Settings) -> dict[str, Any]:
    target = plan.target
    where = {"exchange": target.exchange, "routing_key": target.routing_key}
    if not target.exchange:
        where = {"queue": target.routing_key}
    dialect = {"dialect": target.dialect.name}
    if settings["priority"].value is not None:
        dialect["priority"] = str(settings["priority"].value)
    if isinstance(target.dialect, Vouched):
        dialect["caller"] = target.dialect.says
    return {"operation": target.operation, **where, **dialect}
