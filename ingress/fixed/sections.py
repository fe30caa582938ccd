"""What the route file says about answers that the gateway has by itself."""

import re
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from ingress.routing.sections import HeaderName
from ingress.values import Section

OWN: Final = "gateway.itself"
"""The operation of a route that calls none."""

WAYS: Final = ("operation", "reply", "redirect", "fan_out")
"""What a route may do, of which it does one."""

PARAMETER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A parameter of the path, in the text of a redirect."""

# What can stand in a header section (RFC 9110 section 5.5), in ASCII.
FieldValue = Annotated[str, StringConstraints(pattern=r"^[\t -~]*$", max_length=4096)]


class ReplySection(Section):
    """An answer that is written here; nothing is sent to a worker."""

    status: Annotated[int, Field(ge=200, le=599, description="The HTTP status.")] = 200
    headers: Annotated[
        dict[HeaderName, FieldValue] | None,
        Field(
            description="Its header fields; a body is text/plain in UTF-8 unless they say more.",
            examples=[{"content-type": "application/json"}],
        ),
    ] = None
    body: Annotated[
        str, Field(max_length=1_048_576, description="Its body.", examples=['{"ok": true}'])
    ] = ""


class RedirectSection(Section):
    """Where the client is to ask instead."""

    to: Annotated[
        str,
        StringConstraints(pattern=r"^(https?://[^/?#{}\s]+)?/[!-~]*$", max_length=2000),
        Field(
            description="A path or a URL; {name} is a parameter of the route's path, encoded.",
            examples=["/v2/orders/{id}"],
        ),
    ]
    status: Annotated[
        Literal[301, 302, 303, 307, 308],
        Field(description="307 and 308 keep method and body; 301 and 308 may be remembered."),
    ] = 308
    query: Annotated[
        Literal["keep", "drop"], Field(description="What becomes of the request's query.")
    ] = "keep"
