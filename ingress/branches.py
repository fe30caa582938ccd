"""Settings that are written in one of several ways, each of which the model calls by a name.

The names are the model's own: they stand in the paths of its errors, never in a route file.
"""

from typing import Annotated, Final, Literal, TypeVar

from pydantic import Discriminator, Tag

# A setting that can be switched off.
ON: Final = "<on>"
OFF: Final = "<off>"
# One that is a word, or else a list or a mapping.
WORD: Final = "<word>"
MORE: Final = "<more>"

BRANCHES: Final = frozenset({ON, OFF, WORD, MORE})

S = TypeVar("S")


def _on_or_off(value: object) -> str:
    return OFF if value == "off" else ON


def word_or_more(value: object) -> str:
    """Say which of the two it is, for a ``Discriminator``."""
    return WORD if isinstance(value, str) else MORE


Switchable = Annotated[
    Annotated[S, Tag(ON)] | Annotated[Literal["off"], Tag(OFF)], Discriminator(_on_or_off)
]
"""``Switchable[RetrySection]``: the section, or the word ``off``."""
