import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import msgspec
import pydantic
import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from workers.binding import Body, ServiceError, compile_binding
from workers.context import Context


class Item(msgspec.Struct):
    sku: str


@dataclasses.dataclass
class Point:
    x: int


class Size(TypedDict):
    width: int


class Model(pydantic.BaseModel):
    sku: str


class Stranger:
    pass


def _bind(function: Callable[..., Any], **parts: Any) -> tuple[list[Any], dict[str, Any]]:
    context = Context(Call(id="1", operation="s.o", **parts))
    return compile_binding(function).bind(context)


def test_each_parameter_has_its_source() -> None:
    """Context, call, body, path and query parameters come by their annotations, in any order."""

    def function(limit: int, ctx: Context, item: Item, id: str, call: Call) -> None: ...  # noqa: A002

    args, named = _bind(function, body=b'{"sku":"a"}', params={"id": "7"}, query="limit=3")
    limit, ctx, item, key, call = args
    assert (limit, item, key, named) == (3, Item("a"), "7", {})
    assert ctx.call is call


@pytest.mark.parametrize(
    "kind, body, value",
    [
        (Item, b'{"sku":"a"}', Item("a")),
        (Point, b'{"x":1}', Point(1)),
        (Size, b'{"width":1}', {"width": 1}),
        (Model, b'{"sku":"a"}', Model(sku="a")),
        (dict, b'{"a":1}', {"a": 1}),
        (dict[str, int], b'{"a":1}', {"a": 1}),
        (list, b"[1]", [1]),
        (list[Item], b'[{"sku":"a"}]', [Item("a")]),
        (list[Model], b'[{"sku":"a"}]', [Model(sku="a")]),
        (Item | None, b"null", None),
        (Any, b"1", 1),
        (Annotated[list[str], Body], b'["a"]', ["a"]),
        (Annotated[str, Body()], b'"a"', "a"),
        (bytes, b"\xff", b"\xff"),
    ],
)
def test_these_types_are_the_body(kind: Any, body: bytes, value: object) -> None:
    """Records, models and containers are the body; bytes are the body as it came."""

    def function(it: Any) -> None: ...

    function.__annotations__["it"] = kind
    assert _bind(function, body=body)[0] == [value]


def test_a_parameter_called_body_needs_no_annotation() -> None:
    """A parameter that is called ``body`` and says nothing else gets the bytes."""

    def function(body):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        ...

    assert _bind(function, body=b"raw")[0] == [b"raw"]


def test_defaults_are_respected() -> None:
    """What the call does not have comes from the default, keyword-only parameters included."""

    def function(item: Item | None = None, *, limit: int = 20, tag: str | None = None) -> None: ...

    assert _bind(function) == ([None], {"limit": 20, "tag": None})


def test_all_wrong_parameters_are_told_at_once() -> None:
    """Two wrong parameters are one fault that names both."""

    def function(a: int, b: int) -> None: ...

    with pytest.raises(Fault) as raised:
        _bind(function, query="a=x")
    assert [error["parameter"] for error in raised.value.extensions["errors"]] == ["a", "b"]


def _variadic(*things: int) -> None: ...
def _two_bodies(a: Item, b: dict[str, int]) -> None: ...
def _body_twice(item: Item, body: bytes) -> None: ...
def _bare(ctx): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
def _strange(thing: Stranger) -> None: ...
def _unknown(thing: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    "function, message",
    [
        (_variadic, "name each parameter"),
        (_two_bodies, "both 'a' and 'b' would be the body"),
        (_body_twice, "both 'item' and 'body' would be the body"),
        (_bare, "the parameter 'ctx' has no annotation; annotate it with Context"),
        (_strange, "which no body can hold"),
        (_unknown, "annotations must be names of the module"),
    ],
)
def test_an_unclear_signature_is_refused_where_it_is_written(
    function: Callable[..., Any], message: str
) -> None:
    """A signature that could mean two things is an error at import, with file and line."""
    with pytest.raises(ServiceError, match=message) as raised:
        compile_binding(function)
    assert f"{function.__qualname__} ({__file__}:" in str(raised.value)


def test_the_signature_becomes_schemas() -> None:
    """The schemas of body, parameters and result come from the signature."""

    def function(item: Item, id: str, limit: int = 20) -> Point: ...  # type: ignore[empty-body]  # noqa: A002

    binding = compile_binding(function)
    assert binding.request is not None
    assert binding.request["$defs"]["Item"]["required"] == ["sku"]
    assert binding.parameters == {"id": {"type": "string"}, "limit": {"type": "integer"}}
    assert binding.required == ("id",)
    assert binding.reply is not None
    assert binding.reply["$defs"]["Point"]["properties"] == {"x": {"type": "integer"}}


def _nothing() -> None: ...
def _bytes() -> bytes: ...  # type: ignore[empty-body]
def _text() -> str: ...  # type: ignore[empty-body]
def _reply() -> Reply: ...  # type: ignore[empty-body]
def _silent(): ...  # type: ignore[no-untyped-def]  # noqa: ANN202


@pytest.mark.parametrize("function", [_nothing, _bytes, _text, _reply, _silent])
def test_what_is_not_json_has_no_schema(function: Callable[..., Any]) -> None:
    """Nothing, bytes, text and a Reply say nothing about a JSON body."""
    binding = compile_binding(function)
    assert binding.reply is None
    assert binding.returns_nothing == (function is _nothing)
