"""What the route file says of the admin port."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, WithJsonSchema

from ingress.values import Section, Short

MIN_TOKEN: Final = 16
"""Characters that a token has at least."""

OFF: Final = "off"

REALM: Final = "queuegate admin"
"""What the admin port calls itself where it wants its token."""


def _token(text: str) -> str:
    # RFC 6750 section 2.1 has the letters of a bearer token.
    if text != OFF and not (len(text) >= MIN_TOKEN and text.isascii() and text.isprintable()):
        raise ValueError(f"a token has at least {MIN_TOKEN} characters of ASCII; or write off")
    if " " in text:
        raise ValueError("a token has no spaces")
    return text


Token = Annotated[
    str,
    AfterValidator(_token),
    WithJsonSchema({"type": "string", "maxLength": 255, "examples": ["${ADMIN_TOKEN}"]}),
]


class AdminSection(Section):
    """Who may use the admin port, and where it is written down what they did."""

    token: Annotated[
        Token | None,
        Field(
            description=(
                "The bearer token that all but /healthz, /readyz and /metrics want; `off` wants"
                " none. Without it one is made up: `queuegate admin token`."
            )
        ),
    ] = None
    audit: Annotated[
        Short | None,
        Field(
            description="A file, relative to the route file, that gets a line for each order.",
            examples=["admin-audit.jsonl"],
        ),
    ] = None
