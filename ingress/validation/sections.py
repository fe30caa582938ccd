"""The section ``validate`` of a route: what its request, and its reply, must look like."""

from typing import Annotated, Any, Literal

from pydantic import Field

from ingress.validation.checker import MOST_ERRORS
from ingress.values import Name, Section, Short

Schema = Annotated[
    dict[str, Any] | bool | Annotated[str, Field(min_length=1, max_length=255)],
    Field(
        description=(
            "A JSON Schema (2020-12): written here, or a file beside this one,"
            " `schemas/order.json` or `schemas/all.yaml#/$defs/Order`."
        )
    ),
]

Style = Literal[
    "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject"
]


class ParameterSection(Section):
    """One path, query or header parameter, described as in OpenAPI (section 4.8.12)."""

    schema_: Annotated[Schema, Field(alias="schema")] = True
    required: Annotated[
        bool, Field(description="Whether it must be there; those of the path always must.")
    ] = False
    style: Annotated[
        Style | None,
        Field(
            description="How lists and objects are written; OpenAPI's defaults.", examples=["form"]
        ),
    ] = None
    explode: Annotated[
        bool | None,
        Field(
            description="Whether each item is a parameter; by default for `form`.", examples=[True]
        ),
    ] = None


class ValidateSection(Section):
    """What a request must look like; `validate: {}` takes it from the operation."""

    openapi: Annotated[
        Short | None,
        Field(
            description="An OpenAPI file (3.0, 3.1), beside this one, that describes the route.",
            examples=["api.yaml"],
        ),
    ] = None
    operation_id: Annotated[
        Short | None,
        Field(
            description="Which of its operations, where method and path do not say.",
            examples=["createOrder"],
        ),
    ] = None
    path: Annotated[
        dict[Name, ParameterSection] | None, Field(description="Parameters of the path.")
    ] = None
    query: Annotated[
        dict[Short, ParameterSection] | None, Field(description="Parameters of the query.")
    ] = None
    headers: Annotated[
        dict[Short, ParameterSection] | None,
        Field(description="Request headers, in lower case."),
    ] = None
    body: Annotated[Schema | None, Field(description="What the request's body must be.")] = None
    body_required: Annotated[
        bool, Field(description="Whether no body is answered 400, where `body` is given.")
    ] = True
    reply: Annotated[
        Schema | None, Field(description="What the body of a reply with a 2xx status must be.")
    ] = None
    replies: Annotated[
        Literal["off", "log", "enforce"],
        Field(description="What becomes of a reply that is not so: nothing, a warning, or 502."),
    ] = "off"
    unknown_query: Annotated[
        Literal["pass", "refuse"],
        Field(description="What becomes of a query parameter that nobody described."),
    ] = "pass"
    formats: Annotated[
        bool, Field(description="Whether `format` is held to; without, it is a remark.")
    ] = True
    errors: Annotated[
        int, Field(ge=1, le=100, description="How many errors an answer tells at most.")
    ] = MOST_ERRORS
