"""Everything that is wrong with a body, each thing with the place where it is.

msgspec stops at the first error, which is right for speed and wrong for the person who has to fix
a form. So the fast decoder runs first, and only a body that it refused is walked here.
"""

import dataclasses
import re
import types
from collections.abc import Iterator, Mapping
from typing import Any, Final, Union, get_args, get_origin, get_type_hints, is_typeddict

import msgspec

from contracts.schema import is_model

# More than a person reads; a body of a million errors must not make an answer of their size.
MOST: Final = 20

_AT: Final = re.compile(r" - at `(?:key in )?\$(.*)`$", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")

Violation = dict[str, str]


def violations(value: Any, kind: Any) -> list[Violation]:  # noqa: ANN401 - any body, any type
    """Say what keeps ``value`` (as JSON or msgpack gave it) from being a ``kind``.

    Each has ``pointer``, a JSON Pointer (RFC 6901) to the place, and ``detail``. At most
    :data:`MOST` of them, and none when nothing is wrong.
    """
    found: list[Violation] = []
    for violation in _walk(value, kind, ""):
        found.append(violation)
        if len(found) == MOST:
            break
    return found


def convert(value: Any, kind: Any) -> Any:  # noqa: ANN401
    """Turn a parsed value into a ``kind``; raises ``msgspec.ValidationError``."""
    return msgspec.convert(value, kind, str_keys=True, dec_hook=decode_model)


def decode_model(kind: type, value: Any) -> Any:  # noqa: ANN401
    """Be msgspec's ``dec_hook``: pydantic models inside other types."""
    if is_model(kind):
        return kind.model_validate(value)
    raise NotImplementedError(f"a body cannot hold a {kind.__name__}")


def _walk(value: Any, kind: Any, at: str) -> Iterator[Violation]:  # noqa: ANN401
    below = False
    for violation in _inside(value, _without_none(kind, value), at):
        below = True
        yield violation
    if not below:
        # Nothing inside is wrong by itself, so what is wrong concerns the whole (an unknown
        # member, a rule of its own), or it is no container.
        yield from _at_once(value, kind, at)


def _inside(value: Any, kind: Any, at: str) -> Iterator[Violation]:  # noqa: ANN401
    if isinstance(value, dict):
        members = _members(kind)
        for name, (member, required) in members.items():
            if name in value:
                yield from _walk(value[name], member, f"{at}/{_escape(name)}")
            elif required:
                yield {"pointer": f"{at}/{_escape(name)}", "detail": "is required"}
        if get_origin(kind) in {dict, Mapping} and len(get_args(kind)) == 2:  # noqa: PLR2004
            for name, item in value.items():
                yield from _walk(item, get_args(kind)[1], f"{at}/{_escape(str(name))}")
    elif isinstance(value, list) and get_origin(kind) is list:
        for index, item in enumerate(value):
            yield from _walk(item, get_args(kind)[0], f"{at}/{index}")


def _members(kind: Any) -> dict[str, tuple[Any, bool]]:  # noqa: ANN401
    """Give the members of a record type: name on the wire, type, and whether it must be there."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind.__struct_config__.array_like:
            return {}
        fields = msgspec.structs.fields(kind)
        return {field.encode_name: (field.type, field.required) for field in fields}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {
            field.name: (
                hints[field.name],
                field.default is dataclasses.MISSING
                and field.default_factory is dataclasses.MISSING,
            )
            for field in dataclasses.fields(kind)
            if field.init
        }
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        return {name: (hint, name in kind.__required_keys__) for name, hint in hints.items()}
    return {}


def _at_once(value: Any, kind: Any, at: str) -> Iterator[Violation]:  # noqa: ANN401
    if is_model(kind):
        yield from _of_model(value, kind, at)
        return
    try:
        convert(value, kind)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _AT.search(text)
        if place is None:
            yield {"pointer": at, "detail": text}
        else:
            steps = "".join(f"/{_escape(a or b)}" for a, b in _STEP.findall(place[1]))
            yield {"pointer": at + steps, "detail": text[: place.start()]}


def _of_model(value: Any, kind: Any, at: str) -> Iterator[Violation]:  # noqa: ANN401
    try:
        kind.model_validate(value)
    except ValueError as error:
        # pydantic's ValidationError, known by its method.
        for problem in error.errors(include_url=False, include_context=False):  # type: ignore[attr-defined]
            steps = "".join(f"/{_escape(str(step))}" for step in problem["loc"])
            yield {"pointer": at + steps, "detail": problem["msg"]}


def _without_none(kind: Any, value: Any) -> Any:  # noqa: ANN401
    """Look through ``X | None`` and ``Annotated[X, ...]`` to the record or list behind them."""
    if hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if get_origin(kind) in {Union, types.UnionType} and value is not None:
        rest = [option for option in get_args(kind) if option is not type(None)]
        if len(rest) == 1:
            return _without_none(rest[0], value)
    return kind


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
