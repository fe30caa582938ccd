from pathlib import Path

import pytest

from contracts.operation import Operation
from ingress import routefile
from ingress.problems import ConfigError
from ingress.validation.contract import Contract
from ingress.validation.shape import Shape
from ingress.validation.shapes import compile_shapes

ADD = Operation(
    name="shop.add",
    request={
        "type": "object",
        "properties": {"sku": {"type": "string"}},
        "required": ["sku"],
    },
    reply={"type": "object"},
    parameters={"id": {"type": "integer"}, "limit": {"type": "integer", "minimum": 1}},
    required=("id",),
)
API = """\
openapi: 3.1.0
paths:
  /items/{id}:
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
components:
  schemas:
    Item: {type: object, required: [sku, price], properties: {sku: {type: string}}}
"""


def shape(folder: Path, validate: str, route: str = "POST /items/{id}") -> Shape:
    (folder / "shop.json").write_bytes(Contract("shop", (ADD,)).encode())
    (folder / "api.yaml").write_text(API)
    item = "{type: object, required: [sku], properties: {sku: {type: string, minLength: 1}}}"
    (folder / "item.yaml").write_text(item)
    text = (
        f"services: {{shop: {{contract: shop.json}}, other: {{}}}}\nroutes:\n  - route: {route}\n"
    )
    text += f"    operation: {'shop.add' if 'items' in route else 'other.do'}\n"
    text += f"    validate: {validate}\n"
    source = str(folder / "gateway.yaml")
    return compile_shapes(routefile.parse(text.encode(), source=source, environment={}))[0]


def problems(folder: Path, validate: str, route: str = "POST /items/{id}") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        shape(folder, validate, route)
    return [f"{one.line}: {one.path}: {one.message}" for one in caught.value.problems]


def test_an_empty_section_takes_all_from_the_operation(tmp_path: Path) -> None:
    """Body, parameters and reply."""
    found = shape(tmp_path, "{replies: enforce, unknown_query: refuse}")
    assert found.sources == ("the operation shop.add",)
    assert [(one.place, one.name) for one in found.parameters] == [
        ("path", "id"),
        ("query", "limit"),
    ]
    assert found.query_names == frozenset({"limit"})
    assert found.body is not None
    assert not found.body.fits({})
    # Whether no body will do is for the operation to say: it may have a default.
    assert not found.body_required
    assert (set(found.replies), found.on_reply) == ({"2XX"}, "enforce")


def test_the_route_files_word_is_first(tmp_path: Path) -> None:
    """Then the OpenAPI file's; what neither speaks of is the operation's."""
    own = "{openapi: api.yaml, query: {limit: {schema: {type: integer, minimum: 5}}}}"
    found = shape(tmp_path, own)
    assert [source.rpartition("/")[2] for source in found.sources] == [
        "gateway.yaml",
        "api.yaml",
        "the operation shop.add",
    ]
    limit = next(one for one in found.parameters if one.name == "limit")
    assert limit.violations({"limit": ["3"]}) != []
    assert found.body is not None
    assert not found.body.fits({"sku": "x"})
    assert found.body.fits({"sku": "x", "price": 2})


@pytest.mark.parametrize(
    "validate, told",
    [
        (
            "{body: {type: object}}",
            "5: routes[0].validate.body: body: it lets through what the operation shop.add refuses",
        ),
        (
            "{query: {limit: {schema: {type: integer}}}}",
            "5: routes[0].validate.query.limit.schema: query limit: it lets through",
        ),
        (
            "{reply: {type: object, required: [id]}}",
            "5: routes[0].validate.reply: reply: it refuses what the operation shop.add answers",
        ),
        (
            "{openapi: api.yaml, body: {$ref: 'item.yaml'}}",
            "5: routes[0].validate.body: body: it takes what",
        ),
        ("{path: {name: {}}}", "5: routes[0].validate.path.name: the route has no such parameter"),
        ("{body: none.yaml}", "5: routes[0].validate.body: none.yaml cannot be read"),
        ("{body: {type: strin}}", "5: routes[0].validate.body: /type: "),
        ("{openapi: none.yaml}", "5: routes[0].validate.openapi: none.yaml cannot be read"),
        ("{openapi: api.yaml, operation_id: x}", "5: routes[0].validate.openapi: api.yaml has no"),
    ],
)
def test_what_cannot_be_right_is_told_with_its_line(
    tmp_path: Path, validate: str, told: str
) -> None:
    """Schemas that disagree, that are none, that are not there."""
    assert problems(tmp_path, validate)[0].startswith(told)


def test_what_is_made_for_the_operation_is_not_held_against_it(tmp_path: Path) -> None:
    """Where `transform` makes the body, clients send another one, and get another reply."""
    text = "services: {shop: {contract: shop.json}}\nroutes:\n  - route: POST /items/{id}\n"
    text += (
        "    operation: shop.add\n    validate: {body: {type: integer}, reply: {type: string}}\n"
    )
    text += "    transform: {request: {body: '{sku: body}'}, reply: {body: body.sku}}\n"
    (tmp_path / "shop.json").write_bytes(Contract("shop", (ADD,)).encode())
    source = str(tmp_path / "gateway.yaml")
    route_file = routefile.parse(text.encode(), source=source, environment={})
    found = compile_shapes(route_file)[0]
    assert found.body is not None
    assert found.body.fits(1)


def test_a_route_that_nobody_describes_is_told(tmp_path: Path) -> None:
    """Rather than checked by nothing."""
    (found,) = problems(tmp_path, "{}", "POST /elsewhere")
    assert "nothing here knows what other.do takes" in found


def test_a_line_of_the_openapi_file_is_told(tmp_path: Path) -> None:
    """Where the two disagree."""
    api = API.replace("[sku, price]", "[price]")
    (tmp_path / "other.yaml").write_text(api)
    (found,) = problems(tmp_path, "{openapi: other.yaml}")
    assert "validate.openapi: other.yaml:6: body: it lets through" in found
    assert "/sku is required there" in found


def test_a_path_parameter_of_another_name_is_told(tmp_path: Path) -> None:
    """It would never be there."""
    (found,) = problems(tmp_path, "{openapi: api.yaml}", "POST /items/{item}")
    assert "api.yaml has a path parameter 'id', and the route has none" in found
