"""The sections of a route that hold it against traffic that means no good."""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from ingress.branches import Switchable
from ingress.protection import networks, origins
from ingress.values import Duration, Section, Size

_NETWORK: Final = r"^[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?$"
_FIELD_NAME: Final = r"^(\*|[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64})$"
_FIELD_VALUE: Final = r"^[\x20-\x7e]*$"
_DAY: Final = 86_400.0


def _field_name(text: str) -> str:
    if not re.match(_FIELD_NAME, text) or text.endswith("\n"):
        raise ValueError("the name of a header field, or *")
    return text.lower()


def _field_value(text: str) -> str:
    if not re.match(_FIELD_VALUE, text) or text.endswith("\n"):
        raise ValueError("a header field's value is printable ASCII, in one line")
    return text


def _schema(form: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": form, "examples": list(examples)})


Network = Annotated[str, AfterValidator(networks.check), _schema(_NETWORK, "10.0.0.0/8")]
_Origin = Annotated[
    str, AfterValidator(origins.check), _schema(origins.PATTERN, "https://app.example.com")
]
_FieldName = Annotated[str, AfterValidator(_field_name), _schema(_FIELD_NAME, "x-request-id")]
_FieldValue = Annotated[str, AfterValidator(_field_value), _schema(_FIELD_VALUE)]


class CorsSection(Section):
    """Which web pages of other origins a browser lets read this route's answers."""

    origins: Annotated[
        tuple[_Origin, ...],
        Strict(strict=False),
        Field(
            max_length=1000,
            description="Origins; `https://*.example.com` is any below it, `*` is everybody.",
        ),
    ] = ()
    credentials: Annotated[
        bool,
        Field(description="Whether cookies and client certificates go along. Never with `*`."),
    ] = False
    headers: Annotated[
        tuple[_FieldName, ...],
        Strict(strict=False),
        Field(max_length=100, description="Request fields that a page may set; `*` is any."),
    ] = ("*",)
    expose: Annotated[
        tuple[_FieldName, ...],
        Strict(strict=False),
        Field(max_length=100, description="Fields of the answer that a page may read."),
    ] = ("x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "location")
    max_age: Annotated[
        Duration, Field(ge=0, le=_DAY, description="How long a browser remembers a preflight.")
    ] = 600.0
    private_network: Annotated[
        bool, Field(description="Whether a public page may ask, when we are in a private network.")
    ] = False


class SecurityHeadersSection(Section):
    """Fields that tell a browser to do less with an answer; an empty one is left out."""

    content_security_policy: Annotated[
        _FieldValue, Field(description="What an answer may load, and who may frame it.")
    ] = "default-src 'none'; frame-ancestors 'none'"
    content_type_options: Annotated[
        Literal["nosniff", ""], Field(description="Takes the content type as it is written.")
    ] = "nosniff"
    frame_options: Annotated[
        Literal["DENY", "SAMEORIGIN", ""],
        Field(description="As frame-ancestors, for browsers that do not know it."),
    ] = "DENY"
    referrer_policy: Annotated[
        _FieldValue, Field(description="What a link out of an answer tells of it.")
    ] = "no-referrer"
    resource_policy: Annotated[
        Literal["same-origin", "same-site", "cross-origin", ""],
        Field(description="Which pages may embed an answer without asking by CORS."),
    ] = "same-origin"
    permissions_policy: Annotated[
        _FieldValue, Field(description="Which of the browser's features an answer may use.")
    ] = ""
    hsts: Annotated[
        Duration,
        Field(
            ge=0, description="How long a browser comes by TLS alone, said by TLS; 0s does not say."
        ),
    ] = 31_536_000.0
    hsts_subdomains: Annotated[
        bool, Field(description="Whether that holds for all names below this one.")
    ] = False


class IpSection(Section):
    """Which addresses a route answers; `deny` is the stronger, and who has none is refused."""

    allow: Annotated[
        tuple[Network, ...] | None,
        Strict(strict=False),
        Field(min_length=1, max_length=100_000, description="All others are answered 403."),
    ] = None
    deny: Annotated[
        tuple[Network, ...] | None,
        Strict(strict=False),
        Field(min_length=1, max_length=100_000, description="These are answered 403."),
    ] = None


class JsonLimitsSection(Section):
    """How deep, wide and long a JSON body may be; more is answered 422, and never parsed."""

    depth: Annotated[
        int, Field(ge=1, le=1000, description="Lists and objects inside of each other.")
    ] = 32
    keys: Annotated[int, Field(ge=1, le=1_000_000, description="Keys of one object.")] = 256
    items: Annotated[int, Field(ge=1, le=1_000_000, description="Items of one list.")] = 10_000
    values: Annotated[int, Field(ge=1, le=1_000_000, description="Values in all.")] = 50_000
    string: Annotated[
        Size, Field(ge=1, description="Bytes of one string or key, as it is written.")
    ] = 65_536
    number: Annotated[int, Field(ge=1, le=10_000, description="Characters of a number.")] = 64


Cors = Annotated[
    Switchable[CorsSection],
    Field(description="Reading by web pages of other origins; `off` allows none."),
]
SecurityHeaders = Annotated[
    Switchable[SecurityHeadersSection],
    Field(description="Fields by which browsers are careful with an answer; `off` adds none."),
]
Ip = Annotated[
    Switchable[IpSection],
    Field(description="Addresses that are answered, or not; `off` asks no one's."),
]
JsonLimits = Annotated[
    Switchable[JsonLimitsSection],
    Field(description="How deep, wide and long a JSON body may be; `off` does not look."),
]

SECTIONS: Final[Mapping[str, type[Section]]] = {
    "cors": CorsSection,
    "security_headers": SecurityHeadersSection,
    "ip": IpSection,
    "json_limits": JsonLimitsSection,
}
