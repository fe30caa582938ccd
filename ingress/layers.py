"""Which setting holds for a route, and where it comes from.

A route's own word is first, then its group's, then its service's (where a call goes),
then ``defaults``, then what is built in. ``retry`` and ``breaker`` overlay key by
key: a route that says ``retry: {attempts: 2}`` keeps the pauses of
``defaults``. The compiler and ``routes explain`` both read from here, so what
is explained is what is done.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ingress import pattern
from ingress.cache.sections import CacheSection
from ingress.coding.sections import CompressSection, DecompressSection
from ingress.document import Document
from ingress.journal.sections import RecordingSection, RedactSection
from ingress.maintenance.sections import MaintenanceSection
from ingress.problems import Path
from ingress.protection import sections as protection
from ingress.representation.sections import FormsSection, NegotiateSection
from ingress.routefile import RouteFile
from ingress.routesections import BodySection, RouteSection, ServiceSection
from ingress.routing.places import PlaceSection
from ingress.sections import BreakerSection, BulkheadSection, RetrySection, ShedSection
from ingress.validation.sections import ValidateSection
from ingress.values import Section

BUILT_IN: Final = "built in"

# Settings that have no parts.
_PLAIN: Final = (
    *("timeout", "max_body", "log", "require_worker", "trailing_slash"),
    *("auth", "allow", "limits"),
)

# The sections that can be off.
_SWITCHED: Final[Mapping[str, type[Section]]] = {
    "retry": RetrySection,
    "breaker": BreakerSection,
    "bulkhead": BulkheadSection,
    "shed": ShedSection,
    "maintenance": MaintenanceSection,
    "compress": CompressSection,
    "forms": FormsSection,
    "negotiate": NegotiateSection,
    "decompress": DecompressSection,
    **protection.SECTIONS,
    "cache": CacheSection,
}


class Setting(msgspec.Struct, frozen=True):
    """A value that holds: seconds, bytes, shares of one, or as written.

    ``origin`` is ``route``, ``service``, ``defaults``, ``built in`` or a
    sentence that says what it follows from; ``line`` is 0 where it is not
    written in the file.
    """

    value: Any
    origin: str
    line: int = 0


Settings = Mapping[str, Setting]


def of(route_file: RouteFile, index: int) -> dict[str, Setting]:
    """Give the settings of the route at ``index``, nested ones with dots."""
    return {**_common(route_file, index), **_target(route_file, index, ())}


def of_another(
    route_file: RouteFile, index: int, path: Path, place: PlaceSection
) -> dict[str, Setting]:
    """Give the route's settings for another place: that of a variant or a mirror."""
    rung = (place, ("routes", index, *path), " ".join(map(str, path)))
    return {**_common(route_file, index), **_target(route_file, index, (rung,))}


def asked(settings: Settings, name: str) -> bool:
    """Whether somebody wrote the setting (or one inside it) into the file."""
    inside = f"{name}."
    return any(
        # Few are written at all, and this is asked of each route for each policy.
        setting.line and (key == name or key.startswith(inside))
        for key, setting in settings.items()
    )


def _common(route_file: RouteFile, index: int) -> dict[str, Setting]:
    route = route_file.routes[index]
    document = route_file.document
    rungs: tuple[_Rung, ...] = (
        (route, ("routes", index), "route"),
        *_group(route_file, index),
        (route_file.defaults, ("defaults",), "defaults"),
    )
    ladder = _Ladder(document, *rungs)
    found = {name: ladder.pick(name) for name in _PLAIN}
    found["idempotent"] = _idempotent(ladder, route_file, index)
    if route_file.version_of(index):
        found["version"] = ladder.pick("version")
    found["accept"] = ladder.pick("accept")
    found["priority"] = ladder.pick("priority")
    for name, section in _SWITCHED.items():
        found |= ladder.overlay(name, section)
    if route.body is not None:
        body = _Ladder(document, (route.body, ("routes", index, "body"), "route"))
        found |= {f"body.{key}": body.pick(key) for key in BodySection.model_fields}
    found |= _validate(document, index, route)
    if route.transform is not None:
        line = document.mark(("routes", index, "transform")).line
        found["transform"] = Setting("on", "route", line)
    found |= _of_a_route(_Ladder(document, rungs[0]), route)
    return {**found, **_journal(route_file, rungs), **_match(route_file, index)}


def of_strangers(route_file: RouteFile) -> dict[str, Setting]:
    """Give the settings of ``defaults`` that hold also where no route is met."""
    ladder = _Ladder(route_file.document, (route_file.defaults, ("defaults",), "defaults"))
    found: dict[str, Setting] = {}
    for name, section in protection.SECTIONS.items():
        found |= ladder.overlay(name, section)
    return found


def _validate(document: Document, index: int, route: RouteSection) -> dict[str, Setting]:
    """Tell where the schemas are, not what they say."""
    if route.validate_ is None:
        return {}
    section, path = route.validate_, ("routes", index, "validate")
    ladder = _Ladder(document, (section, path, "route"))
    found = {"validate": Setting("on", "route", document.mark(path).line)}
    for key in ValidateSection.model_fields:
        setting = ladder.pick(key)
        if isinstance(setting.value, dict):
            named = tuple(setting.value) if key in _NAMED else "as written"
            setting = msgspec.structs.replace(setting, value=named)
        if setting.value is not None:
            found[f"validate.{key}"] = setting
    return found


_NAMED: Final = ("path", "query", "headers")


def journal_of_defaults(route_file: RouteFile) -> dict[str, Setting]:
    """Give the journal's settings for what meets no route."""
    return _journal(route_file, ((route_file.defaults, ("defaults",), "defaults"),))


def _journal(route_file: RouteFile, given: tuple["_Rung", ...]) -> dict[str, Setting]:
    """Overlay key by key; what one section redacts the other cannot bring back."""
    if route_file.journal == "off":
        return {"journal": Setting("off", "the file has no journal")}
    rungs = [
        (_section_of(said), (*path, "journal"), origin)
        for section, path, origin in given
        if "journal" in section.model_fields_set and (said := getattr(section, "journal", None))
    ]
    ladder = _Ladder(route_file.document, *rungs, (RecordingSection(), (), BUILT_IN))
    level = ladder.pick("level")
    if level.value == "off":
        return {"journal": level}
    found = {"journal": level, **{f"journal.{key}": ladder.pick(key) for key in _RECORDED}}
    redacts = [(rung[0].redact, (*rung[1], "redact"), rung[2]) for rung in rungs]
    inner = _Ladder(route_file.document, *redacts, (RedactSection(), (), BUILT_IN))
    for key in RedactSection.model_fields:
        every = [one for section, *_ in redacts for one in getattr(section, key) or ()]
        if every:
            nearest = inner.pick(key)
            setting = Setting(tuple(dict.fromkeys(every)), nearest.origin, nearest.line)
            found[f"journal.redact.{key}"] = setting
    return found


_RECORDED: Final = ("sample", "max_body")


def _section_of(said: RecordingSection | str) -> RecordingSection:
    """Read ``journal: full`` as ``journal: {level: full}``."""
    return RecordingSection.model_validate({"level": said}) if isinstance(said, str) else said


def _group(route_file: RouteFile, index: int) -> tuple["_Rung", ...]:
    name, group = route_file.group_of(index)
    return ((group, ("groups", name), f"group {name}"),) if name else ()


def _match(route_file: RouteFile, index: int) -> dict[str, Setting]:
    """Give what is asked of a request; a group and its route may both ask for headers and query."""
    name, group = route_file.group_of(index)
    said = [
        (match, path, origin)
        for match, path, origin in (
            (route_file.routes[index].match, ("routes", index, "match"), "route"),
            (group.match, ("groups", name, "match"), f"group {name}"),
        )
        if match is not None
    ]
    ladder = _Ladder(route_file.document, *said)
    found = {}
    for key, value in route_file.match_of(index):
        if value:
            pairs = [f"{k}: {v}" for k, v in value.items()] if isinstance(value, dict) else value
            nearest = ladder.pick(key)
            shown = tuple(pairs) if isinstance(pairs, list) else pairs
            found[f"match.{key}"] = Setting(shown, nearest.origin, nearest.line)
    return found


def _of_a_route(ladder: "_Ladder", route: RouteSection) -> dict[str, Setting]:
    """Give what only a route can ask for, of which nothing can be laid over."""
    found = {}
    for name in _OWN:
        if getattr(route, name) is not None:
            said = ladder.pick(name)
            if isinstance(said.value, dict):
                found[name] = Setting(tuple(said.value), said.origin, said.line)
            elif isinstance(said.value, Section):
                inner = _Ladder(ladder.document, (said.value, (*ladder.path, name), "route"))
                found[name] = Setting("on", said.origin, said.line)
                for key in type(said.value).model_fields:
                    part = inner.pick(key)
                    named = isinstance(part.value, dict) and name == "fan_out"
                    shown = tuple(part.value) if named else part.value
                    found[f"{name}.{key}"] = Setting(shown, part.origin, part.line)
            else:
                found[name] = said
    return found


_OWN: Final = ("variants", "mirror", "reply", "redirect", "fan_out", "affinity")


def _idempotent(ladder: "_Ladder", route_file: RouteFile, index: int) -> Setting:
    if route_file.routes[index].idempotent is not None:
        return ladder.pick("idempotent")
    method = route_file.pattern_of(index).method
    return Setting(method in pattern.IDEMPOTENT, f"method {method}")


def _target(route_file: RouteFile, index: int, nearer: tuple["_Rung", ...]) -> dict[str, Setting]:
    """Say where the call goes: a variant's word, the route's, its service's, then the names."""
    own: tuple[_Rung, ...] = (*nearer, (route_file.routes[index], ("routes", index), "route"))
    document = route_file.document
    operation = _Ladder(document, *own).pick("operation")
    name = operation.value.partition(".")[0]
    service = (route_file.services or {}).get(name, ServiceSection())
    if name != route_file.routes[index].operation.partition(".")[0]:
        # Another service's operation is not in this one's queue.
        own = nearer
    rungs = (*own, (service, ("services", name), "service"))
    found = {"operation": operation, "dialect": _Ladder(document, *rungs).pick("dialect")}
    for rung in rungs:
        ladder = _Ladder(document, rung)
        if getattr(rung[0], "exchange", None) is not None:
            key = Setting(operation.value, "the operation's name")
            if any(getattr(section, "routing_key", None) is not None for section, *_ in own):
                key = _Ladder(document, *own).pick("routing_key")
            return {**found, "exchange": ladder.pick("exchange"), "routing_key": key}
        if getattr(rung[0], "queue", None) is not None:
            return {**found, "queue": ladder.pick("queue")}
    return {**found, "queue": Setting(name, "the service's name")}


_Rung = tuple[Section, Path, str]


class _Ladder:
    """Sections that overlay each other, the strongest first."""

    def __init__(self, document: Document, *rungs: _Rung) -> None:
        self.document = self._document = document
        self._rungs = rungs

    @property
    def path(self) -> Path:
        """Where the strongest section stands in the file."""
        return self._rungs[0][1]

    def pick(self, name: str) -> Setting:
        for section, path, origin in self._rungs:
            if name in section.model_fields_set:
                line = self._document.mark((*path, name)).line
                return Setting(getattr(section, name), origin, line)
        section = next(rung[0] for rung in reversed(self._rungs) if hasattr(rung[0], name))
        return Setting(getattr(section, name), BUILT_IN)

    def overlay(self, name: str, kind: type[Section]) -> dict[str, Setting]:
        """Overlay a section that can be off, key by key."""
        switch = self.pick(name)
        if switch.value == "off":
            return {name: switch}
        inner = [
            (getattr(section, name), (*path, name), origin)
            for section, path, origin in self._rungs
            if getattr(section, name) != "off"
        ]
        ladder = _Ladder(self._document, *inner, (kind(), (), BUILT_IN))
        on = Setting("on", switch.origin, switch.line)
        return {name: on, **{f"{name}.{key}": ladder.pick(key) for key in kind.model_fields}}
