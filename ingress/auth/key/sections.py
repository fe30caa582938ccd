"""What the route file says of a way to show API keys."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, WithJsonSchema

from ingress.values import Section

_FIELD: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$"


def _check(text: str) -> str:
    if not re.match(_FIELD, text, re.ASCII) or text.endswith("\n"):
        raise ValueError("a name of a header field, a query's key or a cookie")
    return text


FieldName = Annotated[
    str,
    AfterValidator(_check),
    WithJsonSchema({"type": "string", "pattern": _FIELD, "examples": ["x-api-key"]}),
]


Realm = Annotated[
    str,
    Field(
        pattern=r"^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$",
        description="What the challenge of a 401 calls this place.",
    ),
]


class KeySection(Section):
    """API keys. Of several places where one may be shown the first that has one counts."""

    header: Annotated[
        FieldName | None,
        Field(
            description=(
                "The header field; `authorization` takes `Bearer KEY`. Without `query` and"
                " `cookie` it is x-api-key."
            )
        ),
    ] = None
    query: Annotated[
        FieldName | None, Field(description="The key of the query.", examples=["api_key"])
    ] = None
    cookie: Annotated[FieldName | None, Field(description="The cookie.", examples=["session"])] = (
        None
    )
    realm: Realm = "queuegate"
    forward: Annotated[bool, Field(description="Whether the worker gets the key too.")] = False
