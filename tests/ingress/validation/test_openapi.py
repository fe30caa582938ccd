from pathlib import Path
from typing import Any

import pytest

from ingress import pattern
from ingress.validation.checker import Checker, UnusableSchemaError
from ingress.validation.openapi import modern, read
from ingress.validation.shelf import Shelf
from ingress.validation.source import Source

API = """\
openapi: 3.1.0
servers: [{url: "https://api.example/v1"}]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      parameters:
        - $ref: "#/components/parameters/Page"
        - {name: X-Tenant, in: header, required: true, schema: {type: string}}
        - {name: Accept, in: header, schema: {type: string}}
        - {name: session, in: cookie, schema: {type: string}}
      responses:
        200:
          content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
        4XX: {$ref: "#/components/responses/Wrong"}
    put:
      operationId: putOrder
      requestBody:
        required: true
        content:
          text/csv: {schema: {type: string}}
          application/merge-patch+json: {schema: false}
          application/json: {schema: {$ref: "#/components/schemas/Order"}}
      responses: {default: {description: none}}
components:
  parameters:
    Page: {name: page, in: query, style: form, explode: false, schema: {type: integer}}
  responses:
    Wrong: {content: {application/problem+json: {schema: {type: object}}}}
  schemas:
    Order: {type: object, required: [sku], properties: {sku: {type: string}}}
"""


def source(folder: Path, route: str, text: str = API, operation_id: str = "") -> Source:
    (folder / "api.yaml").write_text(text)
    return read(Shelf(folder), "api.yaml", pattern.parse(route), operation_id)


def fits(found: Source, schema: Any, value: Any) -> bool:
    return bool(Checker(schema, library=found.library).fits(value))


def test_parameters_come_from_path_and_operation(tmp_path: Path) -> None:
    """References are followed; cookies, and headers that are described elsewhere, are not read."""
    found = source(tmp_path, "GET /v1/orders/{id}")
    assert set(found.parameters) == {("path", "id"), ("query", "page"), ("header", "x-tenant")}
    page = found.parameters["query", "page"]
    assert (page.style, page.explode, page.required) == ("form", False, False)
    assert fits(found, page.schema, 1)
    assert not fits(found, page.schema, "x")
    assert found.lines["query page"] == "api.yaml:28"


def test_replies_are_known_by_status(tmp_path: Path) -> None:
    """A number as a key is a status, quoted or not."""
    found = source(tmp_path, "GET /v1/orders/{id}")
    assert set(found.replies) == {"200", "4XX"}
    assert not fits(found, found.replies["200"], {})


def test_the_body_is_that_of_json(tmp_path: Path) -> None:
    """Of several media types, the one that can be read, JSON before its family."""
    found = source(tmp_path, "PUT /v1/orders/{id}")
    assert found.body_required
    assert fits(found, found.body, {"sku": "tea"})
    assert not fits(found, found.body, {})


def test_a_route_is_found_below_a_server_without_and_by_its_id(tmp_path: Path) -> None:
    """Its parameters may have other names."""
    assert source(tmp_path, "PUT /orders/{order}").body is not None
    assert source(tmp_path, "POST /elsewhere", operation_id="putOrder").body is not None


@pytest.mark.parametrize(
    "text, operation_id, why",
    [
        (API, "", "describes no POST /nowhere"),
        (API, "noSuch", "no operation 'noSuch'"),
        ("swagger: '2.0'", "", "no OpenAPI 3.0 or 3.1"),
        ("openapi: 3.1.0", "", "describes no"),
        ("openapi: 3.1.0\npaths: []", "", "describes no"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, text: str, operation_id: str, why: str) -> None:
    """Whatever the file looks like."""
    with pytest.raises(UnusableSchemaError, match=why):
        source(tmp_path, "POST /nowhere", text, operation_id)


def test_a_circle_of_references_ends(tmp_path: Path) -> None:
    """It is told of, and does not run for ever."""
    text = API.replace(
        "Page: {name: page, in: query, style: form, explode: false, schema: {type: integer}}",
        'Page: {$ref: "#/components/parameters/Page"}',
    )
    with pytest.raises(UnusableSchemaError, match="circle"):
        source(tmp_path, "GET /v1/orders/{id}", text)


def test_what_openapi_3_0_says_otherwise_is_brought_up_to_date() -> None:
    """``nullable`` and exclusive bounds; a property that is called so stays."""
    old = {
        "type": "integer",
        "nullable": True,
        "enum": [1, 2],
        "minimum": 0,
        "exclusiveMinimum": True,
        "maximum": 9,
        "exclusiveMaximum": False,
    }
    new = {"type": ["integer", "null"], "nullable": True, "enum": [1, 2, None]}
    assert modern(old) == {**new, "exclusiveMinimum": 0, "maximum": 9}
    named = {"properties": {"nullable": {"type": "boolean"}}}
    assert modern([named]) == [named]


def test_an_old_document_is_read_like_a_new_one(tmp_path: Path) -> None:
    """Its schemas check as they were meant."""
    text = API.replace("3.1.0", "3.0.3").replace(
        "sku: {type: string}", "sku: {type: string, nullable: true}"
    )
    found = source(tmp_path, "PUT /v1/orders/{id}", text)
    assert fits(found, found.body, {"sku": None})
    assert not fits(found, found.body, {"sku": 1})
