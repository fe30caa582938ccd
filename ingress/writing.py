"""Writes the value of a setting as it would stand in the route file: with the unit of its key."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BeforeValidator

from ingress import units
from ingress.routefile import RouteFile
from ingress.values import Section

_Writer = Callable[[Any], str]

# By what reads it.
_WRITERS: Final[Mapping[object, _Writer]] = {
    units.duration: units.write_duration,
    units.size: units.write_size,
    units.share: units.write_share,
}


def write(name: str, value: object) -> str:
    """Write a value; ``name`` is its setting, with dots."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    writer = _BY_KEY.get(name.rpartition(".")[2])
    return writer(value) if writer else str(value)


def has_unit(key: str) -> bool:
    """Whether what stands under a key is a duration, a size or a share."""
    return key in _BY_KEY


def _units_in(file: type[Section]) -> Mapping[str, _Writer]:
    """Give the keys that have a unit, in a section and all that stands in it."""
    found: dict[str, _Writer] = {}
    seen: set[type[Section]] = set()
    waiting = [file]
    while waiting:
        section = waiting.pop()
        if section in seen:
            continue
        seen.add(section)
        for key, field in section.model_fields.items():
            for part in _parts(field.annotation, field.metadata):
                if part in _WRITERS:
                    found[key] = _WRITERS[part]
                elif isinstance(part, type) and issubclass(part, Section):
                    waiting.append(part)
    return found


def _parts(annotation: object, metadata: Iterable[object]) -> Iterator[object]:
    """Give the types that a value may be of, and what reads it before it is checked."""
    if isinstance(annotation, type):
        yield annotation
    yield from (one.func for one in metadata if isinstance(one, BeforeValidator))
    for inner in get_args(annotation):
        yield from _parts(inner, getattr(inner, "__metadata__", ()))


# A key means the same wherever it stands.
_BY_KEY: Final = _units_in(RouteFile)
