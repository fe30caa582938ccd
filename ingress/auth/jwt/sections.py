"""What the route file says of tokens: who signs them, and what they must say."""

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from ingress.auth.secret import Secret
from ingress.auth.token_section import TokenSection
from ingress.auth.web_address import WebAddress, check_secure
from ingress.values import Duration, Section, Short

AlgorithmName = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "Ed448",
]  # fmt: skip


_Names = Annotated[tuple[Short, ...], Strict(strict=False), Field(max_length=50)]


class JwtKeysSection(Section):
    """Who signs: exactly one of `secrets`, `file` and `url`."""

    secrets: Annotated[
        tuple[Secret, ...] | None,
        Strict(strict=False),
        Field(
            min_length=1,
            max_length=4,
            repr=False,
            description=(
                "Shared secrets for HS256, HS384 and HS512, of at least as many bits; each is"
                " tried, so that one can take the place of another."
            ),
            examples=[["${JWT_SECRET}"]],
        ),
    ] = None
    file: Annotated[
        str | None,
        Field(
            min_length=1,
            description="A public key in PEM, a JWK or a JWK Set; read anew when it changes.",
            examples=["keys/issuer.pem"],
        ),
    ] = None
    url: Annotated[
        WebAddress | None,
        Field(description="Where the issuer serves its JWK Set; https, or http on this machine."),
    ] = None
    insecure: Annotated[
        bool, Field(description="Whether the url may be http elsewhere, where anyone can forge it.")
    ] = False
    refresh: Annotated[
        Duration, Field(ge=1, le=86_400, description="Keys older than this are fetched anew.")
    ] = 300.0
    stale: Annotated[
        Duration,
        Field(ge=1, le=30 * 86_400, description="How long they are used while the url is down."),
    ] = 86_400.0
    cooldown: Annotated[
        Duration,
        Field(ge=1, le=3600, description="Between two fetches, whatever keys tokens name."),
    ] = 30.0
    within: Annotated[Duration, Field(gt=0, le=30, description="How long a fetch may take.")] = 2.0

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(one is not None for one in (self.secrets, self.file, self.url)) != 1:
            raise ValueError("keys are in exactly one of secrets, file and url")
        if self.url is not None and not self.insecure:
            check_secure(self.url)
        return self


class ClaimsSection(Section):
    """Which claims hold what; with dots for one inside of others: realm_access.roles."""

    subject: Annotated[
        _Names,
        Field(min_length=1, description="Who is calling: the first of these that the token has."),
    ] = ("sub",)
    scopes: Annotated[_Names, Field(description="What it may do, as a list or with spaces.")] = (
        "scope",
        "scp",
    )
    roles: Annotated[_Names, Field(description="The caller's roles.")] = ("roles",)
    groups: Annotated[_Names, Field(description="The caller's groups.")] = ("groups",)
    consumer: Annotated[
        Short | None,
        Field(
            description=(
                "The claim that names a consumer of the file or the store; one that is not known"
                " is refused. Its groups, roles and usage plan are the caller's too."
            ),
            examples=["azp"],
        ),
    ] = None


class JwtSection(TokenSection):
    """JSON Web Tokens, verified here (RFC 7519, RFC 8725)."""

    algorithms: Annotated[
        tuple[AlgorithmName, ...],
        Strict(strict=False),
        Field(
            min_length=1,
            max_length=15,
            description="The algorithms that are accepted, whatever a token says.",
            examples=[["ES256"]],
        ),
    ]
    keys: Annotated[JwtKeysSection, Field(description="Who signs.")]
    issuers: Annotated[
        _Names,
        Field(
            description="The accepted issuers (iss); without any all are.",
            examples=[["https://id.example.com"]],
        ),
    ] = ()
    audiences: Annotated[
        _Names,
        Field(
            description="Who we are: one of these must be among the token's (aud).",
            examples=[["orders"]],
        ),
    ] = ()
    any_audience: Annotated[
        bool, Field(description="Whether tokens for others are accepted; else they are not.")
    ] = False
    leeway: Annotated[Duration, Field(ge=0, le=300, description="What clocks may differ.")] = 5.0
    max_lifetime: Annotated[
        Duration | None,
        Field(gt=0, description="Tokens that are valid for longer than this are refused."),
    ] = None
    required: Annotated[_Names, Field(description="Claims that must be there.")] = ("exp",)
    types: Annotated[
        _Names,
        Field(description="The accepted types (typ); a token that says none is accepted."),
    ] = ("JWT", "at+jwt")
    claims: Annotated[ClaimsSection, Field(description="Which claims hold what.")] = ClaimsSection()
    remember: Annotated[
        Duration,
        Field(
            ge=0,
            le=3600,
            description="How long a verified token is not verified again, at most to its end.",
        ),
    ] = 300.0
    capacity: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many verified tokens are remembered.")
    ] = 10_000

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        shared = {name.startswith("HS") for name in self.algorithms}
        if len(shared) > 1:
            raise ValueError(
                "shared secrets (HS...) and public keys do not mix: make two authenticators"
            )
        if shared == {True} and self.keys.url is not None:
            raise ValueError(
                "a secret that is served at a url is none: HS... needs secrets or file"
            )
        if shared == {False} and self.keys.secrets is not None:
            raise ValueError("secrets are for HS...; the other algorithms need a file or a url")
        if self.audiences and self.any_audience:
            raise ValueError("either audiences or any_audience")
        return self
