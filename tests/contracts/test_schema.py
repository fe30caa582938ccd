import dataclasses
from typing import Annotated, Any

import jsonschema
import msgspec
import pydantic
import pytest

from contracts.schema import is_model, schema_of


class Line(msgspec.Struct):
    sku: str
    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1


class Inner(pydantic.BaseModel):
    a: int


class Outer(pydantic.BaseModel):
    inner: Inner


class Holder(msgspec.Struct):
    line: Line
    outer: Outer


@dataclasses.dataclass
class Point:
    x: int


def test_a_type_becomes_a_json_schema() -> None:
    """Structs and dataclasses become schemas, with the named types under ``$defs``."""
    schema = schema_of(list[Line])
    assert schema is not None
    assert schema["items"] == {"$ref": "#/$defs/Line"}
    assert schema["$defs"]["Line"]["properties"]["quantity"]["minimum"] == 1
    assert schema_of(Point) is not None
    assert schema_of(int) == {"type": "integer"}


@pytest.mark.parametrize("kind", [Outer, Holder, list[Outer]])
def test_pydantic_models_are_asked_themselves(kind: Any) -> None:
    """Pydantic models give their schema, alone and inside others; all references lead somewhere."""
    schema = schema_of(kind)
    assert schema is not None
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    good: Any = {"inner": {"a": 1}}
    bad: Any = {"inner": {"a": "x"}}
    if kind is Holder:
        good, bad = ({"line": {"sku": "s"}, "outer": value} for value in (good, bad))
    elif kind is not Outer:
        good, bad = [good], [bad]
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)


@pytest.mark.parametrize("kind", [Any, object, dict[str, object]])
def test_what_says_nothing_has_no_schema(kind: Any) -> None:
    """``Any``, and what has no JSON form, say nothing."""
    assert schema_of(kind) is None


def test_a_model_is_known_by_its_methods() -> None:
    """A pydantic model class is told from its instances and from other classes."""
    instance = Outer(inner=Inner(a=1))
    assert is_model(Outer)
    assert not is_model(instance)
    assert not is_model(Line)
