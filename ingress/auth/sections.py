"""What the route file says of who may call: authenticators by name, and those of a route."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Self

from pydantic import ConfigDict, Discriminator, Field, Strict, Tag, model_validator

from ingress import branches
from ingress.auth.basic.sections import BasicSection
from ingress.auth.credentials import Credentials
from ingress.auth.forward.sections import ForwardAuthSection
from ingress.auth.introspection.sections import IntrospectionSection
from ingress.auth.jwt.sections import JwtSection
from ingress.auth.key.sections import KeySection
from ingress.auth.mtls.sections import MtlsSection
from ingress.auth.signature.sections import SignatureSection
from ingress.values import Name, Section


class AuthenticatorSection(Section):
    """One way to say who one is: exactly one of these kinds."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    key: Annotated[KeySection | None, Field(description="An API key.")] = None
    basic: Annotated[BasicSection | None, Field(description="A name and a password.")] = None
    jwt: Annotated[JwtSection | None, Field(description="A JSON Web Token.")] = None
    introspection: Annotated[
        IntrospectionSection | None, Field(description="A token that its issuer is asked about.")
    ] = None
    forward_auth: Annotated[
        ForwardAuthSection | None, Field(description="Somebody else who decides.")
    ] = None
    mtls: Annotated[MtlsSection | None, Field(description="A client's certificate.")] = None
    signature: Annotated[SignatureSection | None, Field(description="A signed request.")] = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len(self.kinds) != 1:
            raise ValueError("an authenticator is of exactly one kind")
        return self

    @property
    def kinds(self) -> Mapping[str, Section]:
        """Give the kind with its settings; checked to be one."""
        said = ((name, getattr(self, name)) for name in self.model_fields_set)
        return {name: section for name, section in said if section is not None}


def shown_in(declared: Mapping[str, AuthenticatorSection] | None) -> Credentials:
    """Give all places where credentials may be shown, on whatever route: none is written down."""
    kinds = [kind for one in (declared or {}).values() for kind in one.kinds.values()]
    places = [[getattr(kind, name, None) for kind in kinds] for name in ("header", "query")]
    headers, query = (frozenset(name for name in said if isinstance(name, str)) for said in places)
    sent = (name for kind in kinds for name in getattr(kind, "send", ()))
    return Credentials(frozenset(name.lower() for name in (*headers, *sent)), query)


def names(said: object) -> tuple[str, ...]:
    """Give the authenticators that ``auth:`` of a route names; none when it is off."""
    if isinstance(said, str):
        return () if said == "off" else (said,)
    return tuple(map(str, said)) if isinstance(said, Iterable) else ()


Authenticators = Annotated[
    dict[Name, AuthenticatorSection] | None,
    Field(description="Ways to say who one is, by a name of yours; routes name them."),
]
RouteAuth = Annotated[
    Annotated[
        tuple[Name, ...],
        Strict(strict=False),
        Field(min_length=1, max_length=16),
        Tag(branches.MORE),
    ]
    | Annotated[Name, Tag(branches.WORD)],
    Discriminator(branches.word_or_more),
    Field(
        description=(
            "Who may call: one or a list of the file's `auth`, the first that fits; `off` asks"
            " nobody."
        ),
        examples=[["partners", "sso"]],
    ),
]
