"""What the route file says about versions."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from ingress.values import Section
from ingress.versions import asking, moment
from ingress.versions.asking import Asking

VersionName = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$"),
]
AskedBy = Annotated[
    str,
    AfterValidator(asking.check),
    WithJsonSchema(
        {"type": "string", "pattern": asking.FORM, "examples": ["header:x-api-version"]}
    ),
]
Moment = Annotated[
    int,
    BeforeValidator(moment.read),
    WithJsonSchema({"type": "string", "pattern": moment.FORM, "examples": ["2027-01-31"]}),
]
Url = Annotated[str, StringConstraints(pattern=r"^(https?://|/)[!-;=?-~]+$", max_length=2000)]


class VersionSection(Section):
    """One version: until when it is served, and what comes after it."""

    deprecated: Annotated[
        Moment | None,
        Field(description="Since when nobody should begin to use it; answers say so."),
    ] = None
    sunset: Annotated[
        Moment | None,
        Field(description="From when it is answered 410; answers say so before."),
    ] = None
    successor: Annotated[
        VersionName | None, Field(description="The version to go to.", examples=["2"])
    ] = None
    documentation: Annotated[
        Url | None,
        Field(
            description="A page about the end of this version.",
            examples=["https://example.com/docs/v1-ends"],
        ),
    ] = None


class VersionsSection(Section):
    """The versions of the API, and how a request asks for one."""

    ask: Annotated[
        tuple[AskedBy, ...],
        Strict(strict=False),
        Field(
            max_length=8,
            description="Where a request says its version, the first that does; a path needs none.",
            examples=[["header:x-api-version", "media_type"]],
        ),
    ] = ()
    default: Annotated[
        VersionName | None,
        Field(description="The version of a request that says none; else that is 400."),
    ] = None
    known: Annotated[
        dict[VersionName, VersionSection],
        Field(min_length=1, max_length=100, description="The versions that there are."),
    ]

    @property
    def asking(self) -> Asking:
        """Give how requests ask, as the router takes it."""
        return Asking(self.ask, self.default or "", tuple(self.known))
