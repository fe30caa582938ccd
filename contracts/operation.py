"""What a worker offers: an operation, described so that others can use it."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One operation of a service, as documentation and checks see it.

    ``name`` is ``service.operation``. ``request`` and ``reply`` are JSON
    Schemas (2020-12) of the bodies, ``None`` where there is no body or no
    statement about it. ``parameters`` maps the names of path and query
    parameters to their schemas. ``faults`` are the codes that it raises on
    purpose. ``idempotent`` says that running it twice is the same as once.
    """

    name: str
    summary: str = ""
    request: Mapping[str, Any] | None = None
    reply: Mapping[str, Any] | None = None
    parameters: Mapping[str, Mapping[str, Any]] = msgspec.field(default_factory=dict)
    required: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    idempotent: bool = False
    status: int = 200
