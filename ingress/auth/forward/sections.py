"""What the route file says of somebody else who decides."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, Strict, model_validator

from ingress.auth.field_name import FieldName
from ingress.auth.realm import Realm
from ingress.auth.web_address import WebAddress, check_secure
from ingress.values import Duration, OperationName, Section, Short

_FieldNames = Annotated[tuple[FieldName, ...], Strict(strict=False), Field(max_length=50)]
_SCHEME: Final = r"^[A-Za-z][A-Za-z0-9-]{0,31}$"


class AnswerSection(Section):
    """Which header fields of a URL's answer say who is calling."""

    id: Annotated[FieldName, Field(description="Who it is.")] = "x-auth-request-user"
    scopes: Annotated[FieldName, Field(description="What it may do, with commas or spaces.")] = (
        "x-auth-request-scopes"
    )
    roles: Annotated[FieldName, Field(description="Its roles.")] = "x-auth-request-roles"
    groups: Annotated[FieldName, Field(description="Its groups.")] = "x-auth-request-groups"


class ForwardAuthSection(Section):
    """Somebody else decides about each request: a URL or an operation, exactly one."""

    url: Annotated[
        WebAddress | None,
        Field(description="Asked by GET: 2xx is a yes, 401 a no, 403 is told to the client."),
    ] = None
    operation: Annotated[
        OperationName | None,
        Field(description="Asked over its queue.", examples=["auth.check"]),
    ] = None
    insecure: Annotated[
        bool, Field(description="Whether the url may be http to another machine.")
    ] = False
    within: Annotated[
        Duration, Field(gt=0, le=30, description="How long a decision may take; then 503.")
    ] = 2.0
    send: Annotated[
        _FieldNames, Field(description="Header fields that are shown to whom decides.")
    ] = ("authorization", "cookie")
    answer: Annotated[
        AnswerSection, Field(description="Which fields of a url's answer say who is calling.")
    ] = AnswerSection()
    hand_on: Annotated[
        _FieldNames,
        Field(
            description="Fields of the answer that the worker gets; never from the client.",
            examples=[["x-auth-request-email"]],
        ),
    ] = ()
    unnamed: Annotated[
        Short | None,
        Field(
            description="Who it is when a yes names nobody; else that is refused.",
            examples=["somebody"],
        ),
    ] = None
    known: Annotated[
        bool, Field(description="Whether it must be a consumer of the file or the store.")
    ] = False
    remember: Annotated[
        Duration, Field(ge=0, le=3600, description="How long a decision is good for; 0s asks anew.")
    ] = 0.0
    remember_by: Annotated[
        Literal["request", "shown"],
        Field(description="For the same request, or for all that show the same."),
    ] = "request"
    capacity: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many decisions of each kind are kept.")
    ] = 10_000
    scheme: Annotated[
        str, Field(pattern=_SCHEME, description="The scheme of the challenge of a 401.")
    ] = "Bearer"
    realm: Realm = "queuegate"
    forward: Annotated[bool, Field(description="Whether the worker gets what was shown too.")] = (
        False
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.url is None) == (self.operation is None):
            raise ValueError("it is either a url or an operation that decides")
        if self.url is not None and not self.insecure:
            check_secure(self.url)
        return self
