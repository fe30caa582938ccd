"""A function's signature, compiled once into what it takes to call it.

Each parameter has one source, and its annotation says which:

- ``Context`` and ``Call`` are given as they are;
- a msgspec Struct, dataclass, TypedDict, pydantic model, dict or list is the body, parsed and
  validated; ``bytes`` is the body as it came;
- a scalar (str, int, float, bool, Enum, UUID, datetime, Literal, optional or in a list) is a path
  parameter of that name, or else a query parameter.

What fits none of these is refused where it is written, not when the first call comes.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from contracts.call import Call
from contracts.schema import schema_of
from workers.body import REQUIRED, BodyReader
from workers.context import Context
from workers.scalars import Fields, ScalarReader, is_scalar, is_scalars

Arguments = tuple[list[Any], dict[str, Any]]
_Getter = Callable[[Context, Fields], Any]

_VARIADIC: Final = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


class ServiceError(ValueError):
    """A service is written, named or referred to wrongly; the message is for its author."""


_NO_FIELDS: Final = Fields(Call(id="", operation=""))


class Body:
    """Marks a parameter as the body where its type alone would not say so.

    A list of scalars is taken for a repeated query parameter; this makes it the body::

        def tag(id: str, tags: Annotated[list[str], Body]) -> None: ...
    """


class Binding(msgspec.Struct, frozen=True):
    """What a signature was compiled to.

    ``request`` is the JSON Schema of the body, ``parameters`` those of the path and query
    parameters, ``required`` the names of the ones without default; ``reply`` that of the result.
    """

    positional: tuple[_Getter, ...]
    named: tuple[tuple[str, _Getter], ...]
    request: Mapping[str, Any] | None
    parameters: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...]
    reply: Mapping[str, Any] | None
    returns_nothing: bool
    # Whether any parameter is read from path or query: for most calls nobody need look.
    reads_fields: bool = True

    def bind(self, context: Context) -> Arguments:
        """Give the arguments for one call.

        Raises Fault ``invalid_request``, ``invalid_body`` or ``unsupported_media_type`` when the
        call does not have what the function needs.
        """
        fields = Fields(context.call) if self.reads_fields else _NO_FIELDS
        positional = [get(context, fields) for get in self.positional]
        named = {name: get(context, fields) for name, get in self.named} if self.named else {}
        if fields.wrong:
            raise fields.refuse()
        return positional, named


def compile_binding(function: Callable[..., Any]) -> Binding:
    """Look at a function's signature, once; raises ``ServiceError`` for one that is unclear."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise ServiceError(
            f"{_place(function)}: {error}; annotations must be names of the module"
        ) from None
    builder = _Builder(function)
    for parameter in inspect.signature(function).parameters.values():
        builder.add(parameter, hints.get(parameter.name, inspect.Parameter.empty))
    returned = hints.get("return", Any)
    return Binding(
        positional=tuple(builder.positional),
        named=tuple(builder.named),
        request=builder.request,
        parameters=builder.parameters,
        required=tuple(builder.required),
        reply=None if returned in {bytes, str, type(None)} else schema_of(returned),
        returns_nothing=returned is type(None),
        reads_fields=bool(builder.parameters),
    )


class _Builder:
    """Sorts the parameters of one function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._body = ""
        self.positional: list[_Getter] = []
        self.named: list[tuple[str, _Getter]] = []
        self.request: Mapping[str, Any] | None = None
        self.parameters: dict[str, Mapping[str, Any]] = {}
        self.required: list[str] = []

    def add(self, parameter: inspect.Parameter, kind: Any) -> None:  # noqa: ANN401
        if parameter.kind in _VARIADIC:
            self._refuse(f"*{parameter.name} could be anything; name each parameter")
        getter = self._getter(parameter, kind)
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            self.named.append((parameter.name, getter))
        else:
            self.positional.append(getter)

    def _getter(self, parameter: inspect.Parameter, kind: Any) -> _Getter:  # noqa: ANN401
        name = parameter.name
        default = REQUIRED if parameter.default is parameter.empty else parameter.default
        if kind is parameter.empty and name != "body":
            self._refuse(
                f"the parameter {name!r} has no annotation; annotate it with Context, a type for"
                " the body (a Struct, a dict), or one for a path or query parameter (str, int)"
            )
        if kind is Context:
            return _context
        if kind is Call:
            return _call
        if kind in {bytes, parameter.empty}:
            self._claim_body(name)
            return _raw_body
        if not _is_marked(kind) and (is_scalar(kind) or is_scalars(kind)):
            return self._scalar(name, kind, default)
        return self._typed_body(name, kind, default)

    def _scalar(self, name: str, kind: Any, default: object) -> _Getter:  # noqa: ANN401
        self.parameters[name] = schema_of(kind) or {}
        if default is REQUIRED:
            self.required.append(name)
        return partial(_scalar, ScalarReader(name, kind, default))

    def _typed_body(self, name: str, kind: Any, default: object) -> _Getter:  # noqa: ANN401
        self._claim_body(name)
        self.request = schema_of(kind)
        if self.request is None and kind is not Any:
            self._refuse(f"the parameter {name!r} is a {kind!r}, which no body can hold")
        return partial(_typed_body, BodyReader(kind, default))

    def _claim_body(self, name: str) -> None:
        if self._body:
            self._refuse(
                f"both {self._body!r} and {name!r} would be the body; a call has one, so put them"
                " into one Struct"
            )
        self._body = name

    def _refuse(self, why: str) -> None:
        raise ServiceError(f"{_place(self._function)}: {why}")


def _context(context: Context, _fields: Fields) -> Context:
    return context


def _call(context: Context, _fields: Fields) -> Call:
    return context.call


def _raw_body(context: Context, _fields: Fields) -> bytes:
    return context.call.body


def _typed_body(reader: BodyReader, context: Context, _fields: Fields) -> Any:  # noqa: ANN401
    return reader.read(context.call)


def _scalar(reader: ScalarReader, _context: Context, fields: Fields) -> Any:  # noqa: ANN401
    return reader.read(fields)


def _is_marked(kind: Any) -> bool:  # noqa: ANN401
    return get_origin(kind) is Annotated and any(
        note is Body or isinstance(note, Body) for note in get_args(kind)[1:]
    )


def _place(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    where = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
    return f"{getattr(function, '__qualname__', function)!s}{where}"
