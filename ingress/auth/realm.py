"""What a challenge calls the place that it is for (RFC 9110 section 11.5)."""

from typing import Annotated

from pydantic import Field

Realm = Annotated[
    str,
    Field(
        pattern=r"^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$",
        description="What the challenge of a 401 calls this place.",
    ),
]
"""ASCII that can stand in quotes as it is."""
