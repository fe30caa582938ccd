import dataclasses
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
import pydantic
import pytest

from workers.violations import MOST, convert, violations


class Line(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class Order(msgspec.Struct, rename="camel"):
    order_lines: list[Line]
    notes: dict[str, Line] | None = None


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Size(TypedDict):
    width: int
    height: NotRequired[int]


class Person(pydantic.BaseModel):
    name: str
    age: int


class Team(msgspec.Struct):
    lead: Person


@pytest.mark.parametrize(
    "value, kind, pointers",
    [
        ({"orderLines": [{"sku": "a"}]}, Order, []),
        ({}, Order, ["/orderLines"]),
        ([], Order, [""]),
        ({"orderLines": [{"sku": 1, "quantity": 0}, {}]}, Order,
         ["/orderLines/0/sku", "/orderLines/0/quantity", "/orderLines/1/sku"]),
        ({"orderLines": [], "notes": {"a/b~c": {"sku": 2}}}, Order, ["/notes/a~1b~0c/sku"]),
        ({"sku": "a", "colour": "red"}, Line, [""]),
        ({"x": "1"}, Point, ["/x"]),
        ({"y": 1}, Point, ["/x"]),
        ({"height": "1"}, Size, ["/width", "/height"]),
        ({"name": 1}, Person, ["/name", "/age"]),
        ({"lead": {"name": "a", "age": "x"}}, Team, ["/lead/age"]),
        ([1, "b", None], list[int], ["/1", "/2"]),
        ({"a": 1}, dict[str, int], []),
        ("x", int | str, []),
        (1.5, int | str, [""]),
    ],
)  # fmt: skip
def test_each_violation_has_its_place(value: Any, kind: Any, pointers: list[str]) -> None:
    """All that is wrong with a body is named, each with a JSON Pointer to it."""
    assert [found["pointer"] for found in violations(value, kind)] == pointers


def test_each_violation_says_what_is_wrong() -> None:
    """The messages say what was expected."""
    assert violations({"quantity": 101}, Line) == [
        {"pointer": "/sku", "detail": "is required"},
        {"pointer": "/quantity", "detail": "Expected `int` <= 100"},
    ]


def test_there_are_never_more_than_a_person_reads() -> None:
    """A body of a thousand errors gives no answer of a thousand errors."""
    assert len(violations(["x"] * 1000, list[int])) == MOST


def test_what_is_well_converts() -> None:
    """``convert`` gives the value as the type, pydantic models inside included."""
    team = convert({"lead": {"name": "ann", "age": 3}}, Team)
    assert team.lead == Person(name="ann", age=3)
