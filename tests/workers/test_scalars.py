import datetime as dt
import enum
import uuid
from typing import Annotated, Any, Literal, NewType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.call import Call
from contracts.fault import Fault
from workers.scalars import Fields, ScalarReader, is_scalar, is_scalars


class Color(enum.Enum):
    RED = "red"


OrderId = NewType("OrderId", str)


def _read(kind: Any, query: str = "", params: dict[str, str] | None = None, **default: Any) -> Any:
    fields = Fields(Call(id="1", operation="s.o", query=query, params=params or {}))
    value = ScalarReader("x", kind, **default).read(fields)
    if fields.wrong:
        raise fields.refuse()
    return value


@pytest.mark.parametrize(
    "kind, text, value",
    [
        (str, "a", "a"),
        (str, "", ""),
        (int, "-3", -3),
        (float, "1.5", 1.5),
        (bool, "true", True),
        (bool, "0", False),
        (Color, "red", Color.RED),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], "2", 2),
        (str | None, "null", "null"),
        (int | None, "3", 3),
        (OrderId, "o-1", "o-1"),
        (Annotated[int, msgspec.Meta(ge=1)], "1", 1),
        (dt.date, "2026-11-23", dt.date(2026, 11, 23)),
        (uuid.UUID, "12345678123456781234567812345678",
         uuid.UUID("12345678123456781234567812345678")),
    ],
)  # fmt: skip
def test_text_becomes_the_type(kind: Any, text: str, value: object) -> None:
    """A parameter is read from its text, in the path and in the query alike."""
    assert _read(kind, query=f"x={text}") == value
    assert _read(kind, params={"x": text}) == value


def test_the_path_comes_before_the_query() -> None:
    """A parameter that the path has is not looked for in the query."""
    assert _read(str, query="x=query", params={"x": "path"}) == "path"


def test_a_query_is_decoded() -> None:
    """Percent signs and pluses of a query string are decoded."""
    assert _read(str, query="y=1&x=a%20b+c%C3%A9") == "a b cé"


def test_an_absent_parameter_is_the_default_or_an_error() -> None:
    """An absent parameter gives the default; without one the fault names it."""
    assert _read(int, default=7) == 7
    with pytest.raises(Fault, match="the query parameter 'x' is required"):
        _read(int)


@pytest.mark.parametrize(
    "kind, text, message",
    [
        (int, "a", "must be `int`"),
        (int, "", "must be `int`"),
        (bool, "yes", "must be `bool`"),
        (Annotated[int, msgspec.Meta(ge=10)], "9", "must be `int` >= 10"),
        (Literal["a"], "b", "invalid enum value"),
    ],
)
def test_a_wrong_parameter_is_named(kind: Any, text: str, message: str) -> None:
    """A wrong parameter is ``invalid_request``, with its name, its place and what it must be."""
    with pytest.raises(Fault, match=f"the path parameter 'x' .*{message}") as raised:
        _read(kind, params={"x": text})
    assert raised.value.code == "invalid_request"
    assert raised.value.extensions["errors"][0]["parameter"] == "x"
    assert raised.value.extensions["errors"][0]["in"] == "path"


def test_a_repeated_parameter_is_a_list_or_an_error() -> None:
    """A repeated query parameter is a list where one is wanted, and refused where not."""
    assert _read(list[int], query="x=1&x=2") == [1, 2]
    assert _read(set[str] | None, query="x=a") == {"a"}
    assert _read(list[int] | None, default=None) is None
    with pytest.raises(Fault, match="more than once"):
        _read(int, query="x=1&x=2")


@pytest.mark.parametrize("query", ["x=%FF", "&".join(["x=1"] * 2000)])
def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    """A query that is no UTF-8, or has no end of fields, is ``invalid_request``."""
    with pytest.raises(Fault, match="query string"):
        _read(str, query=query)


def test_what_is_a_scalar() -> None:
    """Records, containers and ``Any`` are no scalars; lists of scalars are a kind of their own."""
    kind: Any
    for kind in (str, OrderId, Color, int | None, Literal["a"], Annotated[int, "x"], int | str):
        assert is_scalar(kind), kind
    for kind in (bytes, dict, list, list[int], Any, object, None, msgspec.Struct):
        assert not is_scalar(kind), kind
    for kind in (list[int], tuple[str, ...], set[Color], list[str] | None):
        assert is_scalars(kind), kind
    for kind in (list, list[dict[str, int]], dict[str, str], list[Any]):
        assert not is_scalars(kind), kind


@given(st.text(max_size=40), st.sampled_from([str, int, bool, Color, list[int], float | None]))
def test_any_query_gives_a_value_or_a_fault(query: str, kind: Any) -> None:
    """Any query string gives a value or one fault, nothing else."""
    try:
        _read(kind, query=f"x={query}", default=None)
    except Fault as fault:
        assert fault.code == "invalid_request"  # noqa: PT017 - either is right
