"""What the entries of a route file must agree on: clashes, and operations that nobody offers.

It looks at the data as it was read, not at the model, so that these problems
are told together with those of single entries. Whatever does not have the
shape it needs is passed over: the model complains about that.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingress import units
from ingress.affinity import check as affinity
from ingress.auth import check as auth
from ingress.auth import reference
from ingress.cache import check as cached
from ingress.consumers import check as consumers
from ingress.document import Document
from ingress.fanout import check as fanout
from ingress.fixed import check as fixed
from ingress.journal import check as recorded
from ingress.limits import check as named_limits
from ingress.problems import Path, Problem, did_you_mean
from ingress.protection import check as protected
from ingress.routing import clashes
from ingress.variants import check as variants_check

_RETRY: Final = {"base": "25ms", "cap": "250ms"}
_SHED: Final = {"at_least": 2, "at_most": 1000}


def problems(document: Document) -> list[Problem]:
    """Find all of them."""
    data = document.value if isinstance(document.value, dict) else {}
    routes = list(_mappings(data.get("routes"), ("routes",)))
    services = list(_mappings(data.get("services"), ("services",)))
    variants = [
        entry
        for path, route in routes
        for entry in (
            *_mappings(route.get("variants"), (*path, "variants")),
            *_mappings({"mirror": route.get("mirror")}, path),
            *_mappings(_branches(route), (*path, "fan_out", "branches")),
        )
    ]
    groups = list(_mappings(data.get("groups"), ("groups",)))
    defaults = list(_mappings({"defaults": data.get("defaults")}, ()))
    return [
        *clashes.problems(document, routes, data.get("groups"), data.get("versions")),
        *_unknown_operations(document, [*routes, *variants], data.get("services")),
        *variants_check.problems(document, routes),
        *fanout.problems(document, routes),
        *affinity.problems(document, routes, data.get("services")),
        *fixed.problems(document, routes, data.get("groups")),
        *_targets(document, routes, services, variants),
        *_pauses(document, routes, data.get("defaults")),
        *_no_worker(document, routes, data.get("services")),
        *_limits(document, routes, data.get("defaults")),
        *recorded.problems(document, routes, [*services, *variants], data),
        *auth.problems(document, data),
        *cached.problems(document, routes, data),
        *reference.problems(document, data),
        *consumers.problems(document, data),
        *protected.problems(document, routes, data.get("defaults")),
        *named_limits.problems(document, [*routes, *groups, *defaults], data.get("limits")),
    ]


def _branches(route: Mapping[str, Any]) -> object:
    section = route.get("fan_out")
    return section.get("branches") if isinstance(section, dict) else None


Entry = tuple[Path, Mapping[str, Any]]


def _mappings(section: object, path: Path) -> Iterator[Entry]:
    pairs: Any = ()
    if isinstance(section, list):
        pairs = enumerate(section)
    elif isinstance(section, dict):
        pairs = section.items()
    for key, value in pairs:
        if isinstance(value, dict):
            yield (*path, key), value


def _unknown_operations(
    document: Document, routes: list[Entry], services: object
) -> Iterator[Problem]:
    if not isinstance(services, dict):
        return
    for path, route in routes:
        operation = route.get("operation")
        if not isinstance(operation, str) or "." not in operation:
            continue
        here = (*path, "operation")
        name, _, rest = operation.partition(".")
        if name not in services:
            hint = did_you_mean(name, list(map(str, services))) or f"add {name} to `services`"
            yield document.problem(here, f"no service {name!r} is declared", hint=hint)
            continue
        offered = services[name].get("operations") if isinstance(services[name], dict) else None
        if isinstance(offered, list) and rest not in offered:
            known = [f"{name}.{one}" for one in offered]
            hint = did_you_mean(operation, known) or f"it offers {', '.join(known) or 'nothing'}"
            yield document.problem(here, f"the service {name} offers no {operation!r}", hint=hint)


def _targets(
    document: Document, routes: list[Entry], services: list[Entry], others: list[Entry]
) -> Iterator[Problem]:
    for path, entry in [*routes, *services, *others]:
        if entry.get("queue") and entry.get("exchange"):
            message = "a queue and an exchange exclude each other"
            hint = "an exchange finds the queue by its bindings; take one of the two away"
            yield document.problem((*path, "queue"), message, hint=hint, key=True)
    with_exchange = {path[-1] for path, service in services if service.get("exchange")}
    for path, route in routes:
        service = str(route.get("operation")).partition(".")[0]
        inherited = service in with_exchange and not route.get("queue")
        if route.get("routing_key") and not (route.get("exchange") or inherited):
            message = "a routing key needs an exchange"
            hint = "add `exchange`, or write `queue` to reach a queue by its name"
            yield document.problem((*path, "routing_key"), message, hint=hint, key=True)


def _pauses(document: Document, routes: list[Entry], defaults: object) -> Iterator[Problem]:
    """Hold ``base`` against ``cap`` as they will be once defaults are laid under them."""
    below = dict(_RETRY)
    if isinstance(defaults, dict) and isinstance(defaults.get("retry"), dict):
        below |= defaults["retry"]
        yield from _pause(document, ("defaults", "retry"), below)
    for path, route in routes:
        if isinstance(route.get("retry"), dict):
            yield from _pause(document, (*path, "retry"), below | route["retry"])


def _pause(document: Document, path: Path, retry: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        base, cap = units.duration(retry["base"]), units.duration(retry["cap"])
    except ValueError:
        return
    if base > cap:
        message = (
            f"base ({units.write_duration(base)}) is longer than cap ({units.write_duration(cap)})"
        )
        yield document.problem(path, message, hint="raise cap, or lower base")


def _no_worker(document: Document, routes: list[Entry], services: object) -> Iterator[Problem]:
    """Find routes that want to know who consumes, where nobody can know or need care."""
    for path, route in routes:
        if route.get("require_worker") is not True:
            continue
        here = (*path, "require_worker")
        if route.get("accept") is True:
            message = "accepted work may wait for its worker"
            yield document.problem(here, message, hint="take one of the two away", key=True)
        elif not route.get("queue") and (route.get("exchange") or _by_exchange(route, services)):
            message = "who consumes can be known of a queue, not of an exchange"
            hint = "write `queue` to reach a queue by its name"
            yield document.problem(here, message, hint=hint, key=True)


def _by_exchange(route: Mapping[str, Any], services: object) -> bool:
    name = str(route.get("operation")).partition(".")[0]
    service = services.get(name) if isinstance(services, dict) else None
    return isinstance(service, dict) and bool(service.get("exchange"))


def _limits(document: Document, routes: list[Entry], defaults: object) -> Iterator[Problem]:
    """Hold ``at_least`` against ``at_most``, and find accepted work that would be shed."""
    below = dict(_SHED)
    if isinstance(defaults, dict) and isinstance(defaults.get("shed"), dict):
        below |= defaults["shed"]
        yield from _limit(document, ("defaults", "shed"), below)
    for path, route in routes:
        if not isinstance(route.get("shed"), dict):
            continue
        here = (*path, "shed")
        yield from _limit(document, here, below | route["shed"])
        if route.get("accept") is True:
            message = "accepted work waits in its queue for as long as it takes"
            hint = "take one of the two away, or bound the queue with max_length"
            yield document.problem(here, message, hint=hint, key=True)


def _limit(document: Document, path: Path, shed: Mapping[str, Any]) -> Iterator[Problem]:
    least, most = shed["at_least"], shed["at_most"]
    if type(least) is type(most) is int and least > most:
        message = f"at_least ({least}) is more than at_most ({most})"
        yield document.problem(path, message, hint="raise at_most, or lower at_least")
