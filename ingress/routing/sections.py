"""What the route file says about which requests a route takes."""

from typing import Annotated

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from ingress.routing import hosts, prefix
from ingress.routing.conditions import Conditions
from ingress.values import Media, Section, Short, fits

HostName = Annotated[
    str,
    AfterValidator(hosts.check),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": hosts.FORM,
            "examples": ["api.example.com", "*.example.com"],
        }
    ),
]
HeaderName = Annotated[
    str,
    AfterValidator(fits(r"^[a-z0-9!#$%&'*+.^_`|~-]+$", "a header's name, in lower case")),
    WithJsonSchema({"type": "string", "pattern": r"^[a-z0-9!#$%&'*+.^_`|~-]+$"}),
]

Prefix = Annotated[
    str,
    AfterValidator(prefix.check),
    WithJsonSchema({"type": "string", "pattern": r"^(/[^\s?#%\\/]+)+$", "examples": ["/v1"]}),
]


class MatchSection(Section):
    """What a request must have beside method and path, or the route is not for it."""

    hosts: Annotated[
        tuple[HostName, ...],
        Strict(strict=False),
        Field(
            max_length=256,
            description="Names that the request may be for; *.example.com is all below it.",
            examples=[["api.example.com", "*.example.org"]],
        ),
    ] = ()
    headers: Annotated[
        dict[HeaderName, Short] | None,
        Field(
            description="Header fields, each with its value, or * for any.",
            examples=[{"x-beta": "1"}],
        ),
    ] = None
    query: Annotated[
        dict[Short, str] | None,
        Field(
            description="Keys of the query, each with its value, or * for any.",
            examples=[{"format": "csv"}],
        ),
    ] = None
    media: Annotated[
        tuple[Media, ...],
        Strict(strict=False),
        Field(
            max_length=32,
            description="Content types of the body, in lower case.",
            examples=[["application/json", "image/*"]],
        ),
    ] = ()
    priority: Annotated[
        int,
        Field(
            ge=0,
            le=1000,
            description="Of routes at one path the higher is tried first; then who asks for more.",
        ),
    ] = 0

    @property
    def conditions(self) -> Conditions:
        """Give them as the router takes them."""
        return Conditions(
            headers=tuple(sorted((self.headers or {}).items())),
            query=tuple(sorted((self.query or {}).items())),
            media=tuple(sorted(self.media)),
            priority=self.priority,
        )
