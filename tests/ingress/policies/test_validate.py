from typing import Any

import msgspec
import pytest

from contracts.fault import Fault
from ingress.policies.validate import Validate, build
from ingress.validation.checker import Checker
from ingress.validation.parameters import Form, Parameter, Place
from ingress.validation.shape import Shape
from tests.ingress.policies.asked import Asked

INTEGER = {"type": "integer"}


def parameter(name: str, place: Place, schema: Any = INTEGER) -> Parameter:
    return Parameter(Form(name=name, place=place, schema=schema), Checker(schema))


def shape(body: Any = None, *parameters: Parameter, **more: Any) -> Shape:
    given = {
        "body_required": True,
        "members": {},
        "query_names": None,
        "replies": {},
        "on_reply": "off",
        "most": 20,
        "sources": ("gateway.yaml",),
        **more,
    }
    return Shape(parameters=parameters, body=None if body is None else Checker(body), **given)


def asked(body: bytes = b"", query: str = "", id: str = "1", **headers: str) -> Asked:  # noqa: A002
    one = Asked(body, **headers)
    one.call = msgspec.structs.replace(one.call, query=query, params={"id": id})
    return one


def refusal(policy: Validate, request: Asked) -> Fault:
    with pytest.raises(Fault) as caught:
        policy.admit(request)
    return caught.value


def test_what_fits_passes() -> None:
    """Path, query, headers and body."""
    every = [parameter("id", "path"), parameter("limit", "query"), parameter("x-n", "header")]
    policy = Validate(shape({"type": "object"}, *every))
    assert policy.admit(asked(b"{}", "limit=2&other=x", x_n="3")) is None


def test_a_body_that_does_not_fit_is_422_with_all_errors() -> None:
    """Each with its pointer and keyword."""
    fault = refusal(Validate(shape({"items": INTEGER})), asked(b'[1, "a", "b"]'))
    assert (fault.code, fault.status) == ("invalid_body", 422)
    assert fault.detail == '/1 is not of type "integer"'
    detail = 'is not of type "integer"'
    assert fault.extensions["errors"] == [
        {"pointer": "/1", "detail": detail, "keyword": "type"},
        {"pointer": "/2", "detail": detail, "keyword": "type"},
    ]


def test_wrong_parameters_are_400_and_told_with_the_body() -> None:
    """All at once, each with where it stands."""
    every = [parameter("id", "path"), parameter("limit", "query"), parameter("x-n", "header")]
    fault = refusal(Validate(shape(INTEGER, *every)), asked(b'"x"', "limit=a", id="b", x_n="c"))
    assert (fault.code, fault.status) == ("invalid_request", 400)
    errors = fault.extensions["errors"]
    assert [(one.get("in"), one.get("parameter")) for one in errors] == [
        ("path", "id"),
        ("query", "limit"),
        ("header", "x-n"),
        (None, None),
    ]


def test_an_unknown_query_parameter_is_refused_where_one_asks() -> None:
    """A typo in a filter would otherwise be a list of everything."""
    policy = Validate(shape(None, parameter("limit", "query"), query_names=frozenset({"limit"})))
    fault = refusal(policy, asked(query="limit=1&limt=2"))
    assert [one["parameter"] for one in fault.extensions["errors"]] == ["limt"]


def test_no_more_errors_are_told_than_asked_for() -> None:
    """Over all places together."""
    every = [parameter(f"p{n}", "query") for n in range(9)]
    query = "&".join(f"p{n}=x" for n in range(9))
    fault = refusal(Validate(shape(None, *every, most=4)), asked(query=query))
    assert len(fault.extensions["errors"]) == 4


def test_no_body_is_400_unless_it_may_be_missing() -> None:
    """It is no value of any schema."""
    assert refusal(Validate(shape(INTEGER)), asked()).code == "invalid_request"
    assert Validate(shape(INTEGER, body_required=False)).admit(asked()) is None


def test_a_body_that_is_no_json_is_400() -> None:
    """It has no value that could be held against anything."""
    assert refusal(Validate(shape(INTEGER)), asked(b"{")).code == "invalid_request"


def test_it_is_there_only_where_a_route_asks() -> None:
    """And where there is anything to look at."""
    assert build({}) is None
    assert build({"shape": shape()}) is None
    built = build({"shape": shape(INTEGER, parameter("id", "path"))})
    assert built is not None
    assert built.settings() == {"sources": ["gateway.yaml"], "checks": ["path id", "body"]}
