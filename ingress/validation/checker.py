"""A JSON Schema (2020-12) compiled into what says all that is wrong with a value.

Nothing is ever fetched: a reference leads into the library of documents that it came with, or the
schema is refused. Patterns run on an engine without backtracking as far as they can; those that
look around or back may take so many steps and no more, and a text that would need more is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import jsonschema_rs
import msgspec

MOST_ERRORS: Final = 20
"""More than a person reads; a body of a million errors must not make an answer of their size."""

MOST_VALUES: Final = 2000
"""The validator collects every error before it gives the first, and each costs some 3 µs (python -m
bench.shape) and memory. In a larger body only the first one is looked for, so that garbage cannot
buy time and memory."""

_STEPS: Final = 10_000
# The validator tells of no error inside of more than 255 others, and of nothing instead.
_DEEPEST: Final = 200
_LONGEST: Final = 300
_THE_VALUE: Final = "the value"


class Violation(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    ``pointer`` is a JSON Pointer (RFC 6901) to where, for a missing member to where it should be;
    ``keyword`` is the schema's word that it breaks. ``detail`` is a predicate that never shows the
    value itself, which may be a secret: "is not of type "integer"".
    """

    pointer: str
    detail: str
    keyword: str


class UnusableSchemaError(ValueError):
    """A schema that is none, or refers to what is not there; the message is for its author."""


class Library:
    """Schemas by their URI, for references to lead to: ``Library({"file:///api.yaml": {...}})``.

    Raises ``UnusableSchemaError`` for a document that is no schema.
    """

    __slots__ = ("registry",)

    def __init__(self, documents: Mapping[str, Any]) -> None:
        try:
            self.registry = jsonschema_rs.Registry(
                list(documents.items()), draft=jsonschema_rs.Draft202012
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise UnusableSchemaError(_first_line(error)) from None


class Checker:
    """Checks values by one schema: ``Checker({"type": "integer"}).violations("x")``.

    Args:
        schema: the schema, as JSON gives it.
        library: what its references may lead to besides itself.
        formats: whether ``format`` is held to; without, it is a remark, as 2020-12 has it.
        most: how many violations are told.

    Raises ``UnusableSchemaError``.
    """

    __slots__ = ("_most", "_validator", "fits", "schema")

    def __init__(
        self,
        schema: Any,  # noqa: ANN401 - a mapping or a boolean
        *,
        library: Library | None = None,
        formats: bool = True,
        most: int = MOST_ERRORS,
    ) -> None:
        self.schema = schema
        self._most = most
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                schema,
                registry=library.registry if library else None,
                validate_formats=formats,
                offline=True,
                mask=_THE_VALUE,
                pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_STEPS),
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise UnusableSchemaError(_place(error) + _first_line(error)) from None
        # Bound here, since it is the path of each request that is right.
        self.fits = self._validator.is_valid

    def violations(self, value: Any) -> list[Violation]:  # noqa: ANN401 - whatever was parsed
        """Say all that is wrong with ``value``, at most ``most`` things; nothing when it is right.

        Of a value with more than :data:`MOST_VALUES` parts only the first thing is told.
        """
        if self.fits(value):
            return []
        if _deeper(value, _DEEPEST):
            return [
                Violation("", f"is not what it must be, and nested more than {_DEEPEST} deep", "")
            ]
        found: list[Violation] = []
        for error in self._errors(value):
            found.extend(_read(error))
            if len(found) >= self._most:
                break
        return found[: self._most]

    def _errors(self, value: object) -> Iterator[jsonschema_rs.ValidationError]:
        if not _larger(value, MOST_VALUES):
            yield from self._validator.iter_errors(value)
            return
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            yield error

    def __repr__(self) -> str:
        return f"<Checker {msgspec.json.encode(self.schema).decode()[:60]}>"


def plain(schema: Any, library: Library | None) -> Any:  # noqa: ANN401 - any schema
    """Give the schema with its references filled in, but for those that lead in a circle."""
    if not isinstance(schema, dict):
        return schema
    registry = library.registry if library else None
    return jsonschema_rs.dereference(schema, registry=registry, offline=True)


def pointer_of(steps: Sequence[str | int]) -> str:
    """Write a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def _read(error: jsonschema_rs.ValidationError) -> Iterator[Violation]:
    """Tell an error; of members that should or should not be there, each at its place."""
    kind, path = error.kind, error.instance_path
    keyword = kind.name
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        yield Violation(_short(pointer_of([*path, kind.property])), "is required", keyword)
    elif isinstance(
        kind,
        jsonschema_rs.ValidationErrorKind.AdditionalProperties
        | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties,
    ):
        for name in kind.unexpected[:MOST_ERRORS]:
            yield Violation(_short(pointer_of([*path, name])), "is not known here", keyword)
    elif meant := _meant(kind, path):
        for inner in meant:
            yield from _read(inner)
    else:
        yield Violation(_short(pointer_of(path)), _predicate(error.message), keyword)


def _meant(
    kind: jsonschema_rs.ValidationErrorKind, path: Sequence[str | int]
) -> Sequence[jsonschema_rs.ValidationError]:
    """Of a choice, give the errors of the one branch that the value is of the type of.

    So ``integer or null`` says what is wrong with the integer.
    """
    if not isinstance(
        kind,
        jsonschema_rs.ValidationErrorKind.AnyOf | jsonschema_rs.ValidationErrorKind.OneOfNotValid,
    ):
        return ()
    fitting = [
        branch
        for branch in kind.context
        if not any(one.kind.name == "type" and one.instance_path == path for one in branch)
    ]
    return fitting[0] if len(fitting) == 1 else ()


def _predicate(message: str) -> str:
    return _short(message.removeprefix(_THE_VALUE).strip())


def _short(text: str) -> str:
    """Bound what may hold names that the caller chose."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _larger(value: object, most: int) -> bool:
    """Say whether a value has more parts than ``most``, looking at no more than that."""
    waiting, seen = [value], 1
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            seen += len(one)
            waiting.extend(one.values() if seen <= most else ())
        elif isinstance(one, list):
            seen += len(one)
            waiting.extend(one if seen <= most else ())
        if seen > most:
            return True
    return False


def _deeper(value: object, most: int) -> bool:
    """Say whether lists and objects stand inside of each other more than ``most`` times."""
    level = [value]
    for _ in range(most + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _place(error: Exception) -> str:
    where = pointer_of(getattr(error, "instance_path", ()))
    return f"{where}: " if where else ""
