"""How a Call becomes a message: one module a family of services.

To add one, write its module with a class that follows
:mod:`contracts.dialects.port` and give it a line in the table here.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from contracts.dialects.native import JSON, Native
from contracts.dialects.port import WorkerDialect
from contracts.dialects.raw import Raw

DEFAULT: Final = "queuegate"

_MAKERS: Final[Mapping[str, Callable[[bool, int], WorkerDialect]]] = {
    DEFAULT: lambda takes_all, bundle: Native(takes_all=takes_all, bundle=bundle),
    "queuegate-json": lambda takes_all, bundle: Native(
        content_type=JSON, takes_all=takes_all, bundle=bundle
    ),
    "raw": lambda _all, _bundle: Raw(),
}

NAMES: Final = tuple(_MAKERS)


def dialect(name: str, *, takes_all: bool = False, bundle: int = 1) -> WorkerDialect:
    """Give the dialect of that name.

    ``takes_all`` is for a worker whose queue never refuses a message, ``bundle`` for one that takes
    so many calls in one message.

    Raises ``ValueError`` with the names that there are, and the nearest one.
    """
    maker = _MAKERS.get(name)
    if maker is None:
        near = get_close_matches(name, NAMES, 1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no dialect {name!r}; there are {', '.join(NAMES)}{hint}")
    return maker(takes_all, bundle)
