"""A request as the router looks at it, beside its method and path."""

from typing import Final, Protocol

import msgspec

Pairs = tuple[tuple[str, str], ...]


class Asked(Protocol):
    """The part of a request that conditions look at."""

    @property
    def fields(self) -> Pairs:
        """Header fields, named in lower case."""
        ...

    @property
    def query(self) -> str:
        """The raw query, without the question mark."""
        ...


class Sketch(msgspec.Struct, frozen=True):
    """A request that is only thought of, or recorded."""

    fields: Pairs = ()
    query: str = ""


NOTHING: Final = Sketch()
