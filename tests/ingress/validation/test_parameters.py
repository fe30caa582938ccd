from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.call import Call
from contracts.fault import Fault
from ingress.validation.checker import Checker
from ingress.validation.parameters import (
    MOST_FIELDS,
    Form,
    Parameter,
    Place,
    parse_query,
    types_of,
)
from workers.scalars import Fields, ScalarReader

INTEGER = {"type": "integer"}
INTEGERS = {"type": "array", "items": INTEGER}
POINT = {
    "type": "object",
    "properties": {"x": INTEGER, "y": INTEGER},
    "required": ["x", "y"],
    "additionalProperties": False,
}


def parameter(schema: Any, place: Place = "query", name: str = "p", **form: Any) -> Parameter:
    return Parameter(Form(name=name, place=place, schema=schema, **form), Checker(schema))


def told(one: Parameter, texts: Any) -> list[tuple[str, str]]:
    if isinstance(texts, str):
        texts = parse_query(texts) if one.place == "query" else {one.name: [texts]}
    return [(found.pointer, found.keyword) for found in one.violations(texts)]


@pytest.mark.parametrize(
    "schema, right, wrong",
    [
        (INTEGER, ["p=1", "p=-0", "p=1.0"], ["p=x", "p=", "p=01", "p=1.5", "p=+1", "p"]),
        ({"type": "number"}, ["p=1.5", "p=1e3"], ["p=nan", "p=.5", "p=Infinity"]),
        ({"type": "boolean"}, ["p=true", "p=False", "p=1"], ["p=yes", "p=2"]),
        ({"type": "string", "maxLength": 2}, ["p=12", "p=", "p=%C3%A9t"], ["p=abc"]),
        ({"enum": [1, 2]}, ["p=1"], ["p=3", "p=one"]),
        ({"enum": ["1", "a"]}, ["p=1"], ["p=2"]),
        ({"type": ["integer", "string"], "maxLength": 1}, ["p=12", "p=x"], ["p=xy"]),
        ({"type": ["integer", "string"], "minimum": 10, "maxLength": 1}, ["p=5", "p=12"], ["p=xy"]),
        ({"anyOf": [{"type": "string", "pattern": "^[0-9]{3}$"}, {"type": "null"}]}, ["p=123"], []),
        (True, ["p=1", "p=x", ""], []),
    ],
)
def test_a_text_is_read_as_its_schema_wants_it(
    schema: Any, right: list[str], wrong: list[str]
) -> None:
    """A number where a number is wanted, and a text that looks like one where a text is."""
    one = parameter(schema)
    assert [query for query in right if told(one, query)] == []
    assert [query for query in wrong if not told(one, query)] == []


@pytest.mark.parametrize(
    "place, style, explode, schema, right, wrong",
    [
        ("query", "form", None, INTEGERS, "p=1&p=2", "p=1&p=x"),
        ("query", "form", False, INTEGERS, "p=1,2", "p=1,x"),
        ("query", "spaceDelimited", False, INTEGERS, "p=1%202", "p=1%20x"),
        ("query", "pipeDelimited", False, INTEGERS, "p=1|2", "p=1%7Cx"),
        ("query", "form", True, POINT, "x=1&y=2", "x=1&y=z"),
        ("query", "form", False, POINT, "p=x,1,y,2", "p=x,1,y"),
        ("query", "deepObject", True, POINT, "p[x]=1&p%5By%5D=2", "p[x]=1&p[z]=2"),
        ("path", "simple", None, INTEGER, "1", "x"),
        ("path", "simple", None, INTEGERS, "1,2", "1,x"),
        ("path", "simple", False, POINT, "x,1,y,2", "x,1"),
        ("path", "simple", True, POINT, "x=1,y=2", "x=1,z=2"),
        ("path", "label", False, INTEGERS, ".1,2", "1,2"),
        ("path", "label", True, INTEGERS, ".1.2", ".1.x"),
        ("path", "matrix", False, INTEGER, ";p=1", ";q=1"),
        ("path", "matrix", True, INTEGERS, ";p=1;p=2", ";p=1;p=x"),
        ("header", "simple", None, INTEGERS, "1, 2", "1, x"),
        ("header", "simple", None, INTEGER, "1", "x"),
    ],
)
def test_lists_and_objects_are_written_as_openapi_has_it(
    place: Place, style: str, explode: Any, schema: Any, right: str, wrong: str
) -> None:
    """Style and explode of OpenAPI 3.1, section 4.8.12.3."""
    one = parameter(schema, place, style=style, explode=explode)
    assert told(one, right) == []
    assert told(one, wrong) != []


def test_a_comma_inside_a_value_is_none_between_two() -> None:
    """An encoded comma belongs to the value (RFC 6570)."""
    one = parameter({"type": "array", "maxItems": 1}, style="form", explode=False)
    assert told(one, "p=a%2Cb") == []
    assert told(one, "p=a,b") == [("", "maxItems")]


def test_what_is_missing_is_told_where_it_is_required() -> None:
    """Those of the path always are."""
    assert told(parameter(INTEGER), "") == []
    assert told(parameter(INTEGER, required=True), "") == [("", "required")]
    assert told(parameter(INTEGER, "path"), {}) == [("", "required")]


def test_a_scalar_that_is_given_twice_is_refused() -> None:
    """Proxies and frameworks disagree on which one counts, and attackers use it."""
    assert told(parameter(INTEGER), "p=1&p=2") == [("", "style")]
    assert told(parameter(POINT), "x=1&x=2&y=1") == [("", "style")]


def test_what_is_wrong_inside_a_list_has_its_pointer() -> None:
    """Like inside a body."""
    assert told(parameter(INTEGERS), "p=1&p=x&p=y") == [("/1", "type"), ("/2", "type")]


@pytest.mark.parametrize("query", ["a=%ff", "a=%zz", "a=%", "&" * MOST_FIELDS])
def test_a_query_that_cannot_be_read_is_one_fault(query: str) -> None:
    """Bad escapes, bytes that are no UTF-8 and too many fields."""
    with pytest.raises(Fault, match="invalid_request"):
        told(parameter({"type": "string"}, name="a"), query)


@given(st.text(max_size=30), st.sampled_from([INTEGER, INTEGERS, POINT, {"type": "boolean"}, True]))
def test_any_query_is_right_wrong_or_one_fault(query: str, schema: Any) -> None:
    """Garbage raises nothing else."""
    one = parameter(schema)
    try:
        told(one, query)
    except Fault as fault:
        assert fault.code == "invalid_request"  # noqa: PT017 - passing is right too


def test_types_are_found_through_choices() -> None:
    """All that the schema says at its top counts."""
    assert types_of({"type": "number"}) == {"number", "integer"}
    assert types_of({"allOf": [{"type": ["string", "null"]}, {"type": "string"}]}) == {"string"}
    assert types_of({"oneOf": [{"const": None}, {"type": "array"}]}) == {"null", "array"}
    assert "object" in types_of({})


@given(
    st.sampled_from([int, float, bool, int | None]),
    st.one_of(
        st.from_regex(r"\A[-+0-9.eE ]{1,6}\Z"),
        st.sampled_from(["true", "TRUE", "0", "nan", "null", "", "yes", "1_0"]),
    ),
)
def test_what_the_gateway_lets_through_a_worker_takes(kind: Any, text: str) -> None:
    """Both read a text alike, so that the same schema means the same on both sides."""
    fields = Fields(Call(id="", operation="", params={"p": text}))
    ScalarReader("p", kind).read(fields)
    if not parameter(msgspec.json.schema(kind), "path").violations({"p": [text]}):
        assert fields.wrong == []
