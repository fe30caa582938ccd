"""Shared secrets in the route file: long enough, and never shown."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from ingress.auth.jose.key import SHORTEST_SECRET

_LONGEST: Final = 1024


def _check(text: str) -> str:
    if len(text.encode()) < SHORTEST_SECRET:
        # In our own words: the model's would say how long it is, or show it.
        raise ValueError(f"a shared secret must have at least {SHORTEST_SECRET} bytes")
    return text


Secret = Annotated[str, AfterValidator(_check), Field(max_length=_LONGEST)]
"""At least 32 bytes: what is shorter can be guessed offline by whoever has one signature."""
