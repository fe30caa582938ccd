"""The section ``transform`` of a route: what the worker gets instead, and what the client."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, Strict

from ingress.fields import HOP_BY_HOP
from ingress.transform.expression import MAX_LENGTH, check
from ingress.values import Name, Section, Short

_FIELD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_TEXT: Final = re.compile(r"[\t\x20-\x7e]*")
# What the gateway says by itself, and what would split one message into two.
_OURS: Final = HOP_BY_HOP | {"content-length", "content-encoding", "host", "date", "x-request-id"}


def _field_name(name: str) -> str:
    if not _FIELD.fullmatch(name):
        raise ValueError(f"{name!r} is no header's name in lower case")
    if name in _OURS:
        raise ValueError(f"{name} is the gateway's own to say")
    return name


def _text(value: str) -> str:
    if not _TEXT.fullmatch(value):
        raise ValueError("a value is printable ASCII")
    return value


FieldName = Annotated[str, AfterValidator(_field_name)]
Expression = Annotated[
    str,
    Field(min_length=1, max_length=MAX_LENGTH),
    AfterValidator(check),
    Field(examples=["{data: body}"]),
]


class FromSection(Section):
    """A value that is found in the request or the reply."""

    from_: Annotated[
        Expression,
        Field(alias="from", description="A JMESPath expression; where it finds nothing, no value."),
    ]


Value = Annotated[str, Field(max_length=4096), AfterValidator(_text)] | FromSection


class FieldsSection(Section):
    """Headers taken away, renamed, set and added, in this order."""

    remove: Annotated[
        tuple[FieldName, ...], Strict(strict=False), Field(description="Names that go.")
    ] = ()
    rename: Annotated[
        dict[FieldName, FieldName] | None, Field(description="Names, and what they become.")
    ] = None
    set: Annotated[
        dict[FieldName, Value] | None, Field(description="Values that take the place of any.")
    ] = None
    add: Annotated[
        dict[FieldName, Value] | None, Field(description="Values beside those that are there.")
    ] = None


class QuerySection(Section):
    """Query parameters taken away, renamed, set and added, in this order."""

    remove: Annotated[
        tuple[Short, ...], Strict(strict=False), Field(description="Names that go.")
    ] = ()
    rename: Annotated[
        dict[Short, Short] | None, Field(description="Names, and what they become.")
    ] = None
    set: Annotated[
        dict[Short, Value] | None, Field(description="Values that take the place of any.")
    ] = None
    add: Annotated[
        dict[Short, Value] | None, Field(description="Values beside those that are there.")
    ] = None


class PathSection(Section):
    """Path parameters, as the worker sees them."""

    remove: Annotated[
        tuple[Name, ...], Strict(strict=False), Field(description="Names that go.")
    ] = ()
    rename: Annotated[
        dict[Name, Name] | None, Field(description="Names, and what they become.")
    ] = None
    set: Annotated[
        dict[Name, Value] | None, Field(description="Values that take the place of any.")
    ] = None


class RequestTransformSection(Section):
    """What becomes of a request before it is sent."""

    headers: Annotated[FieldsSection | None, Field(description="Its headers.")] = None
    query: Annotated[QuerySection | None, Field(description="Its query.")] = None
    path: Annotated[PathSection | None, Field(description="Its path parameters.")] = None
    body: Annotated[
        Expression | None, Field(description="A JMESPath expression that makes its body, as JSON.")
    ] = None


class ReplyTransformSection(Section):
    """What becomes of a reply before it goes back; faults stay as they are."""

    headers: Annotated[FieldsSection | None, Field(description="Its headers.")] = None
    body: Annotated[
        Expression | None,
        Field(description="A JMESPath expression that makes the body of a 2xx reply, as JSON."),
    ] = None


class TransformSection(Section):
    """What the worker gets instead of the request, and the client instead of the reply."""

    request: Annotated[
        RequestTransformSection | None, Field(description="On the way to the worker.")
    ] = None
    reply: Annotated[ReplyTransformSection | None, Field(description="On the way back.")] = None
