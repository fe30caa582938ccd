"""Names in the route file of places where a credential may travel."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

_FORM: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$"


def _check(text: str) -> str:
    if not re.match(_FORM, text, re.ASCII) or text.endswith("\n"):
        raise ValueError("a name of a header field, a query's key or a cookie")
    return text


FieldName = Annotated[
    str,
    AfterValidator(_check),
    WithJsonSchema({"type": "string", "pattern": _FORM, "examples": ["x-token"]}),
]
"""A token of RFC 9110 section 5.6.2, of at most 64 characters."""
