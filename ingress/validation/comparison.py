"""Whether two descriptions of the same thing can both be right."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any, Final

import jsonschema_rs
import msgspec

from ingress.validation.checker import Library, plain
from ingress.validation.source import Source, reply_schema

Schema = Any

_LONGEST: Final = 100
_MOST_PLACES: Final = 5

# Words by which what ``properties`` and ``items`` let through may be refused all the same.
_CONDITIONS: Final = frozenset(
    {"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas"}
    | {"dependentRequired", "unevaluatedProperties", "unevaluatedItems", "patternProperties"}
    | {"propertyNames", "maxProperties", "maxItems", "prefixItems", "contains", "enum", "const"}
)


class Verdict(StrEnum):
    """What can be said of two schemas."""

    YES = "yes"
    NO = "no"
    # They may or may not: nobody can decide this for every schema.
    UNKNOWN = "unknown"


class Disagreement(msgspec.Struct, frozen=True):
    """What two sources say differently: ``part`` is ``body``, ``reply`` or ``query limit``."""

    part: str
    message: str


def takes_all(
    wide: Schema,
    narrow: Schema,
    *,
    libraries: tuple[Library | None, Library | None] = (None, None),
    formats: bool = True,
) -> tuple[Verdict, str]:
    """Say whether ``wide`` takes each value that ``narrow`` takes.

    If not, the text says where, or describes what only ``narrow`` takes as a schema.
    """
    if wide == narrow and libraries[0] is libraries[1]:
        return Verdict.YES, ""
    try:
        outer = _canonical(wide, libraries[0], formats=formats)
        inner = _canonical(narrow, libraries[1], formats=formats)
        answer = Verdict(str(outer.covers(inner)))
        if answer is Verdict.YES:
            return answer, ""
        # It knows little of lists, so a member that differs may be found where it found nothing.
        found = places(plain(wide, libraries[0]), plain(narrow, libraries[1]), formats=formats)
        told = ", ".join(f"{where} {what}" for where, what in islice(found, _MOST_PLACES))
        if answer is Verdict.UNKNOWN:
            return (Verdict.NO, told) if told else (answer, "")
        return answer, told or _witness(inner, outer)
    except ValueError:
        # It has no canonical form, so nobody can tell.
        return Verdict.UNKNOWN, ""


def places(
    wide: Schema, narrow: Schema, *, formats: bool = True, at: str = ""
) -> Iterator[tuple[str, str]]:
    """Say where ``wide`` refuses what ``narrow`` takes, and how, as far as members show it.

    Both without references. Gives JSON Pointers and half sentences; nothing when it lies deeper
    than ``properties``, ``required`` and ``items``, or under conditions that may rule it out.
    """
    outer, inner = _object(wide), _object(narrow)
    if narrow is False or _CONDITIONS & inner.keys():
        return
    for name in outer.get("required", ()):
        if name not in inner.get("required", ()):
            yield f"{at}/{name}", "is required there"
    others = inner.get("additionalProperties", True)
    pairs = [
        (f"{at}/{name}", schema, inner.get("properties", {}).get(name, others))
        for name, schema in outer.get("properties", {}).items()
    ]
    if "items" in outer:
        pairs.append((f"{at}/*", outer["items"], inner.get("items", True)))
    for pointer, left, right in pairs:
        below = list(places(left, right, formats=formats, at=pointer))
        answer, only = (Verdict.NO, "") if below else takes_all(left, right, formats=formats)
        if answer is Verdict.NO:
            yield from below or [(pointer, f"may be {only}" if only else "may be more")]


def _object(schema: Schema) -> Mapping[str, Any]:
    return schema if isinstance(schema, dict) else {}


def disagreements(public: Source, private: Source, *, formats: bool) -> Iterator[Disagreement]:
    """Hold what clients are told against what the operation says of itself.

    What clients may send may be less than what the operation takes, and what they may get may be
    more than it gives; the other way round somebody would be let down.
    """
    libraries = (private.library, public.library)
    if public.body is not None and private.body is not None:
        answer, only = takes_all(private.body, public.body, libraries=libraries, formats=formats)
        if answer is Verdict.NO:
            yield _told("body", f"it lets through what {private.name} refuses", only)
    for key, form in private.parameters.items():
        mine = public.parameters.get(key)
        part = f"{form.place} {form.name}"
        if mine is None:
            continue
        if form.required and not mine.required and form.place != "path":
            yield Disagreement(part, f"{private.name} requires it; write `required: true`")
        answer, only = takes_all(form.schema, mine.schema, libraries=libraries, formats=formats)
        if answer is Verdict.NO:
            yield _told(part, f"it lets through what {private.name} refuses", only)
    yield from _replies(public, private, formats=formats)


def differences(one: Source, other: Source, *, formats: bool) -> Iterator[Disagreement]:
    """Hold two sources that both tell clients what to do: they must say the same."""
    pairs: list[tuple[str, Schema, Schema]] = []
    if one.body is not None and other.body is not None:
        pairs.append(("body", one.body, other.body))
    pairs += [
        (f"{form.place} {form.name}", form.schema, other.parameters[key].schema)
        for key, form in one.parameters.items()
        if key in other.parameters
    ]
    ours, theirs = reply_schema(one.replies, 200), reply_schema(other.replies, 200)
    if ours is not None and theirs is not None:
        pairs.append(("reply", ours, theirs))
    for part, left, right in pairs:
        for wide, narrow, libraries, whose in (
            (right, left, (other.library, one.library), f"it takes what {other.name} does not"),
            (left, right, (one.library, other.library), f"it refuses what {other.name} takes"),
        ):
            answer, only = takes_all(wide, narrow, libraries=libraries, formats=formats)
            if answer is Verdict.NO:
                yield _told(part, whose, only)
                break
    for key, form in one.parameters.items():
        theirs_form = other.parameters.get(key)
        if theirs_form is not None and theirs_form.required != form.required and key[0] != "path":
            yield Disagreement(f"{key[0]} {key[1]}", f"{other.name} has another word on `required`")


def _replies(public: Source, private: Source, *, formats: bool) -> Iterator[Disagreement]:
    theirs = reply_schema(private.replies, 200)
    libraries = (public.library, private.library)
    for status, schema in public.replies.items():
        if theirs is not None and status.startswith("2"):
            answer, only = takes_all(schema, theirs, libraries=libraries, formats=formats)
            if answer is Verdict.NO:
                yield _told("reply", f"it refuses what {private.name} answers", only)


def _told(part: str, message: str, only: str) -> Disagreement:
    return Disagreement(part, f"{message}: {only}" if only else message)


def _canonical(
    schema: Schema, library: Library | None, *, formats: bool
) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(
        schema,
        draft=jsonschema_rs.Draft202012,
        validate_formats=formats,
        registry=library.registry if library else None,
        offline=True,
    )


def _witness(inner: jsonschema_rs.CanonicalSchema, outer: jsonschema_rs.CanonicalSchema) -> str:
    try:
        only = inner.subtract(outer).to_json_schema()
    except ValueError:
        return ""
    if isinstance(only, dict):
        only = {key: value for key, value in only.items() if key not in {"$schema", "$defs"}}
    text = msgspec.json.encode(only).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
