"""What the route file says of tokens that their issuer is asked about."""

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from ingress.auth.jwt.sections import ClaimsSection
from ingress.auth.token_section import TokenSection
from ingress.auth.web_address import WebAddress, check_secure
from ingress.values import Duration, Short

_Names = Annotated[tuple[Short, ...], Strict(strict=False), Field(max_length=50)]


class IntrospectedClaimsSection(ClaimsSection):
    """Which members of the answer hold what; as `claims` of a `jwt`."""

    subject: Annotated[
        _Names,
        Field(min_length=1, description="Who is calling: the first of these that there is."),
    ] = ("sub", "username", "client_id")


class IntrospectionSection(TokenSection):
    """OAuth 2 token introspection (RFC 7662): the issuer is asked about each token."""

    url: Annotated[WebAddress, Field(description="The issuer's introspection endpoint.")]
    client_id: Annotated[Short, Field(min_length=1, description="Who we are to the issuer.")]
    client_secret: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1024,
            repr=False,
            description="What proves it.",
            examples=["${INTROSPECTION_SECRET}"],
        ),
    ]
    client_auth: Annotated[
        Literal["basic", "form"],
        Field(description="Where that is told: in `Authorization`, or in the form."),
    ] = "basic"
    insecure: Annotated[
        bool, Field(description="Whether the url may be http to another machine.")
    ] = False
    within: Annotated[
        Duration, Field(gt=0, le=30, description="How long an answer may take; then 503.")
    ] = 2.0
    issuers: Annotated[
        _Names,
        Field(description="The accepted issuers (iss), if any.", examples=[["https://id.example"]]),
    ] = ()
    audiences: Annotated[
        _Names,
        Field(description="One of these must be in the answer (aud), if any.", examples=[["a"]]),
    ] = ()
    claims: Annotated[
        IntrospectedClaimsSection, Field(description="Which members of the answer hold what.")
    ] = IntrospectedClaimsSection()
    remember: Annotated[
        Duration,
        Field(
            ge=0,
            le=3600,
            description="How long an active token is not asked about again, at most to its end.",
        ),
    ] = 60.0
    remember_refused: Annotated[
        Duration, Field(ge=0, le=3600, description="The same for one that is not active.")
    ] = 5.0
    capacity: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many answers of each kind are remembered.")
    ] = 10_000

    @model_validator(mode="after")
    def _secure(self) -> Self:
        if not self.insecure:
            check_secure(self.url)
        return self
