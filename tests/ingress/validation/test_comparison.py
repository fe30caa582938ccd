from typing import Any

import pytest

from ingress.validation.comparison import (
    Verdict,
    differences,
    disagreements,
    places,
    takes_all,
)
from ingress.validation.parameters import Form
from ingress.validation.source import Source

INTEGER = {"type": "integer"}
POSITIVE = {"type": "integer", "minimum": 1}


def order(**sku: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"sku": {"type": "string", **sku}}, "required": ["sku"]}


def source(name: str, *, required: bool = False, **parts: Any) -> Source:
    limit = parts.pop("limit", None)
    form = Form(name="limit", place="query", schema=limit, required=required)
    parameters = {} if limit is None else {("query", "limit"): form}
    reply = parts.pop("reply", None)
    replies = {} if reply is None else {"2XX": reply}
    return Source(name=name, parameters=parameters, replies=replies, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wide, narrow, verdict",
    [
        (INTEGER, POSITIVE, Verdict.YES),
        (POSITIVE, INTEGER, Verdict.NO),
        (order(), {**order(maxLength=3), "additionalProperties": False}, Verdict.YES),
        ({"format": "uuid"}, {"type": "string"}, Verdict.NO),
        ({"pattern": "^a"}, {"pattern": "^ab"}, Verdict.UNKNOWN),
        ({"type": "nonsense"}, INTEGER, Verdict.UNKNOWN),
    ],
)
def test_a_schema_takes_all_that_a_narrower_one_takes(
    wide: Any, narrow: Any, verdict: Verdict
) -> None:
    """What nobody can decide is said to be so."""
    assert takes_all(wide, narrow)[0] is verdict


def test_where_they_differ_is_told() -> None:
    """By pointers, down through members and items."""
    wide = {"type": "object", "properties": {"list": {"type": "array", "items": POSITIVE}}}
    narrow = {"type": "object", "properties": {"list": {"type": "array", "items": INTEGER}}}
    assert [where for where, _ in places(wide, narrow)] == ["/list/*"]
    assert next(iter(places(order(), {"type": "object"}))) == ("/sku", "is required there")
    assert "/list/*" in takes_all(wide, narrow)[1]


def test_what_a_closed_schema_leaves_out_differs_from_nothing() -> None:
    """A member that may not be there cannot be wrong."""
    wide = {"type": "object", "properties": {"tags": {"type": "array", "items": INTEGER}}}
    narrow = {"type": "object", "properties": {}, "additionalProperties": False}
    assert list(places(wide, narrow)) == []
    assert takes_all(wide, narrow)[0] is not Verdict.NO


def test_clients_may_be_promised_less_and_told_more() -> None:
    """A narrower request and a wider reply than the operation's let nobody down."""
    public = source("gateway.yaml", body=order(maxLength=3), reply=order(), limit=POSITIVE)
    private = source("code", body=order(), reply=order(maxLength=3), limit=INTEGER)
    assert list(disagreements(public, private, formats=True)) == []
    found = list(disagreements(private, public, formats=True))
    assert {one.part for one in found} == {"body", "reply", "query limit"}


def test_what_the_operation_requires_must_be_required() -> None:
    """Otherwise the worker refuses what the gateway let through."""
    public, private = source("a", limit=INTEGER), source("b", limit=INTEGER, required=True)
    assert [one.part for one in disagreements(public, private, formats=True)] == ["query limit"]


def test_two_public_descriptions_must_say_the_same() -> None:
    """Neither more nor less; what nobody can decide passes."""
    one = source("gateway.yaml", body=order(), limit=INTEGER, reply=INTEGER)
    assert list(differences(one, source("api.yaml", body=order()), formats=True)) == []
    narrower = source("api.yaml", body=order(maxLength=3), limit=POSITIVE, reply=POSITIVE)
    for pair in ((one, narrower), (narrower, one)):
        found = [two.part for two in differences(*pair, formats=True)]
        assert found == ["body", "query limit", "reply"]
    required = source("api.yaml", limit=INTEGER, required=True)
    assert [two.part for two in differences(one, required, formats=True)] == ["query limit"]
