"""Path and query parameters as the types that an operation asks for.

A parameter comes from the path when the route has one of that name, and else from the query
string. It is text on the wire, so numbers, booleans (``true``, ``false``, ``1``, ``0``), dates and
the like are read from their text.
"""

import datetime as dt
import decimal
import enum
import types
import uuid
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec

from contracts.call import Call
from contracts.fault import Fault
from workers.body import REQUIRED

_SCALARS: Final = (
    str,
    int,
    float,
    bool,
    decimal.Decimal,
    uuid.UUID,
    dt.datetime,
    dt.date,
    dt.time,
    dt.timedelta,
)
_MANY: Final = frozenset({list, tuple, set, frozenset})
# As many as anybody needs, and few enough that a hostile query costs nothing.
_MOST_FIELDS: Final = 1000


def is_scalar(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    """Say whether a parameter of this type can be written as one text."""
    kind = _bare(kind)
    if isinstance(kind, type):
        return issubclass(kind, (*_SCALARS, enum.Enum))
    if get_origin(kind) is Literal:
        return True
    if get_origin(kind) in {Union, types.UnionType}:
        options = [option for option in get_args(kind) if option is not type(None)]
        return bool(options) and all(map(is_scalar, options))
    return False


def is_scalars(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    """Say whether it is a list of scalars, as a repeated query parameter gives."""
    kind = _bare(_without_none(kind))
    items = [item for item in get_args(kind) if item is not ...]
    return get_origin(kind) in _MANY and bool(items) and all(map(is_scalar, items))


class Fields:
    """The path and query parameters of one call, and what was found wrong with them."""

    __slots__ = ("_call", "_query", "wrong")

    def __init__(self, call: Call) -> None:
        self._call = call
        self._query: dict[str, list[str]] | None = None
        self.wrong: list[dict[str, str]] = []

    def texts(self, name: str) -> tuple[str, list[str]]:
        """Give where the parameter is ("path", "query") and its values; none when it is absent."""
        params = self._call.params
        if name in params:
            return "path", [params[name]]
        if self._query is None:
            self._query = _parse(self._call.query)
        return "query", self._query.get(name, [])

    def refuse(self) -> Fault:
        """Say all that is wrong with the parameters in one fault."""
        first = self.wrong[0]
        return Fault(
            "invalid_request",
            f"the {first['in']} parameter {first['parameter']!r} {first['detail']}",
            errors=self.wrong,
        )


class ScalarReader:
    """Reads one parameter; what is wrong with it goes to the ``Fields``."""

    __slots__ = ("_default", "_kind", "_many", "_name", "_plain")

    def __init__(self, name: str, kind: Any, default: object = REQUIRED) -> None:  # noqa: ANN401
        self._name = name
        # The text "null" means itself: only an absent parameter is None.
        self._kind = _without_none(kind)
        self._many = is_scalars(kind)
        self._plain = self._kind is str
        self._default = default

    def read(self, fields: Fields) -> Any:  # noqa: ANN401 - the operation's own type
        place, texts = fields.texts(self._name)
        if not texts:
            if self._default is REQUIRED:
                self._refuse(fields, place, "is required")
            return self._default
        if self._many:
            return self._convert(fields, place, texts)
        if len(texts) > 1:
            # Which one is meant? Proxies and frameworks disagree, and attackers use it.
            self._refuse(fields, place, "is given more than once")
            return None
        return texts[0] if self._plain else self._convert(fields, place, texts[0])

    def _convert(self, fields: Fields, place: str, value: str | list[str]) -> Any:  # noqa: ANN401
        try:
            return msgspec.convert(value, self._kind, strict=False)
        except msgspec.ValidationError as error:
            message = str(error).partition(" - at ")[0]
            # Everything is a str here: the client wants to know what it should have been.
            self._refuse(fields, place, _as_predicate(message.removesuffix(", got `str`")))
            return None

    def _refuse(self, fields: Fields, place: str, message: str) -> None:
        fields.wrong.append({"in": place, "parameter": self._name, "detail": message})


def _as_predicate(message: str) -> str:
    if message.startswith("Expected "):
        return f"must be {message.removeprefix('Expected ')}"
    return f"is not accepted: {message[:1].lower()}{message[1:]}"


def _parse(query: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    if not query:
        return fields
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Fault("invalid_request", "the query string cannot be read") from None
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _bare(kind: Any) -> Any:  # noqa: ANN401
    """Look through ``Annotated`` and ``NewType``."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif hasattr(kind, "__supertype__"):
            kind = kind.__supertype__
        else:
            return kind


def _without_none(kind: Any) -> Any:  # noqa: ANN401
    if get_origin(kind) is Annotated:
        inner, *notes = get_args(kind)
        return Annotated[(_without_none(inner), *notes)]
    if get_origin(kind) in {Union, types.UnionType}:
        options = tuple(option for option in get_args(kind) if option is not type(None))
        return Union[options]  # noqa: UP007 - built at run time
    return kind
