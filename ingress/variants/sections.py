"""What the route file says about several operations behind one route."""

from typing import Annotated

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from ingress.routing import keys
from ingress.routing.places import PlaceSection
from ingress.routing.sections import HeaderName
from ingress.values import Name, Share, Short

KeySource = Annotated[
    str,
    AfterValidator(keys.check),
    WithJsonSchema(
        {"type": "string", "pattern": keys.FORM, "examples": ["caller", "cookie:session"]}
    ),
]


class VariantSection(PlaceSection):
    """Another place for some of a route's calls; what is left out is as for the route."""

    weight: Annotated[
        Share, Field(ge=0, description="The share of the calls that goes here; the rest stays.")
    ] = 0.0
    callers: Annotated[
        tuple[Short, ...],
        Strict(strict=False),
        Field(description="Callers who come here whatever the weight.", examples=[["anna"]]),
    ] = ()
    headers: Annotated[
        dict[HeaderName, Short] | None,
        Field(
            description="Header fields of which one is enough to come here; * is any value.",
            examples=[{"x-canary": "always"}],
        ),
    ] = None
    cookies: Annotated[
        dict[Short, Short] | None,
        Field(
            description="Cookies of which one is enough to come here; * is any value.",
            examples=[{"canary": "1"}],
        ),
    ] = None


Variants = Annotated[
    dict[Name, VariantSection],
    Field(
        min_length=1,
        max_length=16,
        description="Other places for some of the calls, by name.",
        examples=[{"next": {"queue": "orders.next", "weight": "5%"}}],
    ),
]
