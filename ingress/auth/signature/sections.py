"""What the route file says of signed requests: whose keys, and what must be signed."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, Strict, WithJsonSchema, model_validator

from ingress.auth.realm import Realm
from ingress.auth.secret import Secret
from ingress.values import Duration, Name, Section, Short

SignatureAlgorithm = Literal[
    "hmac-sha256",
    "ed25519",
    "rsa-pss-sha512",
    "rsa-v1_5-sha256",
    "ecdsa-p256-sha256",
    "ecdsa-p384-sha384",
]

_COMPONENT: Final = (
    r"^(@method|@authority|@scheme|@target-uri|@request-target|@path|@query"
    r"|[!#$%&'*+.^_`|~0-9a-z-]{1,64})$"
)


def _check_component(text: str) -> str:
    if not re.match(_COMPONENT, text, re.ASCII) or text.endswith("\n"):
        raise ValueError(
            "a component is a header field in lower case, or @method, @path, @query..."
        )
    return text


Component = Annotated[
    str,
    AfterValidator(_check_component),
    WithJsonSchema({"type": "string", "pattern": _COMPONENT, "examples": ["@method", "date"]}),
]


class SignatureKeySection(Section):
    """A key that requests are signed with."""

    id: Annotated[Short, Field(min_length=1, description="Its name, as signatures say it: keyid.")]
    algorithm: Annotated[
        SignatureAlgorithm, Field(description="The one algorithm that it is used with.")
    ]
    secret: Annotated[
        Secret | None,
        Field(
            repr=False,
            description="What both sides know, for hmac-sha256. At least 32 bytes.",
            examples=["${PARTNER_SECRET}"],
        ),
    ] = None
    file: Annotated[
        str | None,
        Field(
            min_length=1,
            description="A public key in PEM, or a JWK.",
            examples=["keys/partner.pem"],
        ),
    ] = None
    consumer: Annotated[
        Name | None, Field(description="The consumer whose key it is.", examples=["partner"])
    ] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.secret is None) == (self.file is None):
            raise ValueError("a key is either a secret or in a file")
        if self.secret is not None and self.algorithm != "hmac-sha256":
            raise ValueError("a secret is for hmac-sha256; the other algorithms need a file")
        return self


class SignatureSection(Section):
    """HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530)."""

    keys: Annotated[
        tuple[SignatureKeySection, ...],
        Strict(strict=False),
        Field(min_length=1, max_length=10_000, description="Who may sign."),
    ]
    components: Annotated[
        tuple[Component, ...],
        Strict(strict=False),
        Field(max_length=50, description="What each signature must cover."),
    ] = ("@method", "@authority", "@path", "@query")
    digest: Annotated[
        bool, Field(description="Whether a body must be covered, by content-digest.")
    ] = True
    max_age: Annotated[
        Duration, Field(ge=1, le=86_400, description="How old a signature may be (created).")
    ] = 300.0
    leeway: Annotated[Duration, Field(ge=0, le=300, description="What clocks may differ.")] = 5.0
    nonce: Annotated[
        bool, Field(description="Whether there must be a nonce; without, equal requests collide.")
    ] = False
    tag: Annotated[
        Short | None, Field(description="The tag that it must have.", examples=["shop"])
    ] = None
    realm: Realm = "queuegate"
    forward: Annotated[bool, Field(description="Whether the worker gets the signature too.")] = (
        False
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({key.id for key in self.keys}) < len(self.keys):
            raise ValueError("two keys have one id")
        return self
