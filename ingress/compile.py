"""Turns a checked route file into Plans: all that can be decided before a request comes."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from msgspec.structs import replace

from contracts import dialects
from contracts.callers.signer import Signer
from contracts.dialects.port import Dialect
from contracts.dialects.prioritised import Prioritised
from contracts.dialects.vouched import Vouched
from ingress import layers, pattern, policies
from ingress.affinity.policy import Affinity, ways_of
from ingress.auth.sections import shown_in
from ingress.authz import check as authz
from ingress.callers import signing
from ingress.consumers import coverage
from ingress.fixed.sections import OWN
from ingress.journal.compiled import keyring, recording
from ingress.journal.recording import Recording
from ingress.plan import Breaker, Fan, Plan, Retry, Target
from ingress.policies.cache import Cache
from ingress.policies.port import Early, Policy, Settler, Slot
from ingress.routefile import RouteFile
from ingress.routesections import MAX_BODY
from ingress.routing import groups
from ingress.validation.shapes import compile_shapes
from ingress.variants import compiled as variants
from ingress.versions import compiled as versions

# One of each is enough: they hold no state.
DIALECTS: Final[Mapping[str, Dialect]] = {name: dialects.dialect(name) for name in dialects.NAMES}

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def compile_plans(
    route_file: RouteFile, before: Iterable[Plan] = (), shared: Mapping[str, Any] = NOTHING
) -> tuple[Plan, ...]:
    """Compile every route, in the order of the file.

    ``before`` are the Plans that these take the place of: what holds places for a route goes on to
    do so, if its settings are the same. ``shared`` is what policies of several routes have in
    common, by name: ``watch`` is the :class:`ingress.attendance.Attendance`, ``shedding`` the
    :class:`ingress.limit.Limits`, ``meter`` what counts calls. Who serves nothing needs none of it.
    """
    every = [layers.of(route_file, index) for index in range(len(route_file.routes))]
    authz.check(route_file, every)
    compiler = _Compiler(route_file, before, shared, caching=any(map(_cached, every)))
    plans = tuple(compiler.plan(index, settings) for index, settings in enumerate(every))
    coverage.check(route_file, [plan.name for plan in plans])
    return plans


class _Compiler:
    """Compiles the routes of one file, one after another: what they have in common is made once."""

    def __init__(
        self,
        route_file: RouteFile,
        before: Iterable[Plan],
        shared: Mapping[str, Any],
        *,
        caching: bool,
    ) -> None:
        self._file = route_file
        self._holders = {
            (plan.name, policy.name): policy
            for plan in before
            for policy in plan.policies
            if policy.slot is Slot.HOLD
        }
        self._secret = keyring(route_file).secret
        self._credentials = shown_in(route_file.auth)
        self._shapes = compile_shapes(route_file)
        self._signer = signing.signer(route_file)
        self._shared = {
            **shared,
            "caching": caching,
            "credentials": self._credentials,
            "limit_sections": route_file.model_dump(include={"limits"})["limits"],
        }

    def plan(self, index: int, settings: layers.Settings) -> Plan:
        """Compile one route."""
        route = self._file.routes[index]
        plan = self._bare(index, settings)
        asked = self._asked(index, settings, plan)
        if route.affinity:
            plan, asked["affine"] = _laned(self._file, index, plan, self._signer)
        if route.operation == OWN or route.affinity:
            # Nothing looks at the queue of who has none.
            asked = {key: value for key, value in asked.items() if key not in _OF_A_QUEUE}
        if route.fan_out:
            plan = _fanned(self._file, index, plan, self._signer)
        if route.variants:
            plan, built = _divided(self._file, index, plan, asked, self._signer)
        else:
            built = policies.build({**asked, **_way(settings)})
        kept = tuple(_kept(self._holders.get((plan.name, one.name)), one) for one in built)
        _place_cache(kept)
        lanes = plan.variants if route.affinity else ()
        target = lanes[0].target if lanes else _target(settings, built, self._signer)
        return replace(plan, target=target, policies=kept, settlers=_settlers(kept))

    def _bare(self, index: int, settings: layers.Settings) -> Plan:
        """Compile what is the route's own, before its policies."""
        parsed, match = self._file.pattern_of(index), self._file.match_of(index)
        when = self._file.conditions_of(index)
        name = groups.name(parsed, match.hosts, when)
        journal = recording(settings, self._secret, self._credentials)
        return replace(
            _plan(settings, (name, parsed), journal),
            hosts=match.hosts,
            when=when,
            version=self._file.version_of(index),
            group=self._file.group_of(index)[0],
        )

    def _asked(self, index: int, settings: layers.Settings, plan: Plan) -> dict[str, Any]:
        """Gather what policies are built from."""
        parsed, route = self._file.pattern_of(index), self._file.routes[index]
        asked = {
            **_asked(settings),
            **self._shared,
            "shape": self._shapes.get(index),
            "transformation": route.transform,
            "most": MAX_BODY,
            "tail": parsed.names[-1] if parsed.tail else "",
            "method": parsed.method,
            "plain_route": "" if plan.when.asks else plan.name,
            **_mirrored(self._file, index, self._shared, self._signer),
        }
        if plan.version and self._file.versions:
            usage = self._shared.get("usage")
            asked |= versions.policy(self._file.versions, parsed, plan.version, usage)
        return asked


def _place_cache(built: tuple[Policy, ...]) -> None:
    """Tell a cache what stands behind it: it has that run in a Flow of its own."""
    for policy in built:
        if isinstance(policy, Cache):
            policy.fetch.behind = tuple(one for one in built if one.slot > Slot.CACHE)


def _mirrored(
    route_file: RouteFile, index: int, shared: Mapping[str, Any], signer: Signer | None
) -> dict[str, Any]:
    """Give the policy what sends its copies; who only explains the routes sends none."""
    mirror = route_file.routes[index].mirror
    if mirror is None:
        return {}
    settings = layers.of_another(route_file, index, ("mirror",), mirror)
    target = _target(settings, (), signer)
    place = f"{target.exchange} {target.routing_key}".strip()
    mirrors = shared.get("mirrors")
    copy = mirrors and mirrors.to(target, settings["timeout"].value, mirror.at_most)
    return {"mirror_to": f"{target.operation} in {place}", "mirror_copy": copy}


_OF_A_QUEUE: Final = frozenset({"shed", "require_worker"})


def _fanned(route_file: RouteFile, index: int, plan: Plan, signer: Signer | None) -> Plan:
    """Give a route's plan the branches that it calls at once, each with a breaker of its own."""
    section = route_file.routes[index].fan_out
    assert section is not None  # noqa: S101 - the caller asked
    branches = []
    for name, branch in section.branches.items():
        settings = layers.of_another(route_file, index, ("fan_out", "branches", name), branch)
        target = _target(settings, (), signer)
        branches.append(replace(plan, name=f"{plan.name} +{name}", target=target))
    fan = Fan(names=tuple(section.branches), need=section.need)
    return replace(plan, retry=None, breaker=None, fan=fan, variants=tuple(branches))


def _laned(
    route_file: RouteFile, index: int, plan: Plan, signer: Signer | None
) -> tuple[Plan, Affinity]:
    """Give a route's plan a Plan for each lane, and the policy that chooses among them."""
    section = route_file.routes[index].affinity
    assert section is not None  # noqa: S101 - the caller asked
    target = _target(layers.of(route_file, index), (), signer)
    ways = ways_of(replace(plan, target=target), section.lanes)
    return replace(plan, variants=ways), Affinity(section.by, {plan.name: ways})


def _divided(
    route_file: RouteFile,
    index: int,
    plan: Plan,
    asked: Mapping[str, Any],
    signer: Signer | None,
) -> tuple[Plan, tuple[Policy, ...]]:
    """Give a route's plan the variants that some of its calls are diverted to, and its policies."""
    route = route_file.routes[index]
    sections = route.variants or {}
    others: dict[str, Plan] = {}
    holding: dict[str, tuple[Policy, ...]] = {}
    for variant, section in sections.items():
        settings = layers.of_another(route_file, index, ("variants", variant), section)
        name = variants.name_of(plan.name, variant)
        holding[name] = policies.build({**asked, **_way(settings)}, Slot.HOLD)
        target = _target(settings, holding[name], signer)
        others[variant] = replace(plan, name=name, target=target)
    divert = variants.policy(sections, route.sticky, others)
    way = _way(layers.of(route_file, index))
    built = policies.build({**asked, **way, "divert": divert})
    plan = replace(plan, variants=tuple(others.values()))
    return plan, variants.divided(built, plan.name, holding)


def compile_strangers(route_file: RouteFile) -> tuple[Early, ...]:
    """Compile what ``defaults`` say of answers to requests that meet no route."""
    return policies.early(_asked(layers.of_strangers(route_file)))


def _plan(
    settings: layers.Settings,
    named: tuple[str, pattern.Pattern],
    journal: Recording | None,
) -> Plan:
    name, parsed = named
    return Plan(
        name=name,
        method=parsed.method,
        pattern=parsed.path,
        target=_target(settings, (), None),
        timeout=settings["timeout"].value,
        max_body=settings["max_body"].value,
        idempotent=settings["idempotent"].value,
        retry=None if _off(settings, "retry") else Retry(**_inner(settings, "retry")),
        breaker=None if _off(settings, "breaker") else Breaker(**_inner(settings, "breaker")),
        accept=settings["accept"].value,
        log=settings["log"].value,
        journal=journal,
        slash=settings["trailing_slash"].value == "redirect",
    )


def _cached(settings: layers.Settings) -> bool:
    return layers.asked(settings, "cache") and not _off(settings, "cache")


def _kept(old: Policy | None, new: Policy) -> Policy:
    return old if old is not None and old.settings() == new.settings() else new


def _way(settings: layers.Settings) -> dict[str, Any]:
    """Give policies where the call goes, the queue if it is one, and whether it waits."""
    exchange = settings.get("exchange")
    key = settings["routing_key" if exchange else "queue"].value
    return {
        "way": f"{exchange.value} {key}" if exchange else key,
        "to_queue": "" if exchange else key,
        "accept": settings["accept"].value,
        "body_limit": settings["max_body"].value,
    }


def _target(settings: layers.Settings, built: tuple[Policy, ...], signer: Signer | None) -> Target:
    exchange = settings.get("exchange")
    key = settings["routing_key" if exchange else "queue"]
    return Target(
        operation=settings["operation"].value,
        dialect=_dialect(settings) if signer is None else Vouched(_dialect(settings), signer),
        routing_key=key.value,
        exchange=exchange.value if exchange else "",
        require_worker=any(policy.name == "require_worker" for policy in built),
    )


def _dialect(settings: layers.Settings) -> Dialect:
    speaker = DIALECTS[settings["dialect"].value]
    priority = settings["priority"].value
    return speaker if priority is None else Prioritised(speaker, priority)


def _off(settings: layers.Settings, name: str) -> bool:
    return bool(settings[name].value == "off")


def _inner(settings: layers.Settings, name: str) -> dict[str, Any]:
    """Give what stands inside a section: ``retry.attempts`` as ``attempts``."""
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): setting.value
        for key, setting in settings.items()
        if key.startswith(prefix)
    }


def _asked(settings: layers.Settings) -> dict[str, Any]:
    """Give policies what was asked for, so that what nobody wrote stays off."""
    names = dict.fromkeys(key.partition(".")[0] for key in settings)
    return {
        name: _inner(settings, name) or settings[name].value
        for name in names
        if layers.asked(settings, name)
    }


def _settlers(built: tuple[Policy, ...]) -> tuple[Settler, ...]:
    """Give those that want to see the answer, the last to admit first."""
    return tuple(cast("Settler", one) for one in reversed(built) if hasattr(one, "settle"))
