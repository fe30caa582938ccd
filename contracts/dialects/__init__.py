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

_MAKERS: Final[Mapping[str, Callable[[], WorkerDialect]]] = {
    DEFAULT: Native,
    "queuegate-json": lambda: Native(content_type=JSON),
    "raw": Raw,
}

NAMES: Final = tuple(_MAKERS)


def dialect(name: str) -> WorkerDialect:
    """Give the dialect of that name.

    Raises ``ValueError`` with the names that there are, and the nearest one.
    """
    maker = _MAKERS.get(name)
    if maker is None:
        near = get_close_matches(name, NAMES, 1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no dialect {name!r}; there are {', '.join(NAMES)}{hint}")
    return maker()
