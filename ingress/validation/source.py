"""What one source says of an operation: the route file, an OpenAPI file, the service's own code."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ingress.validation.checker import Library
from ingress.validation.parameters import Form, Place

Schema = Any


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Schemas of the parts of a request and its replies.

    ``name`` says to people which source it is. ``replies`` are by status: ``200``, ``2XX`` or
    ``default``. References in the schemas lead into ``library``. ``lines`` says where a part
    stands, by its name: ``body``, ``reply``, ``query limit``.
    """

    name: str
    library: Library | None = None
    parameters: Mapping[tuple[Place, str], Form] = msgspec.field(default_factory=dict)
    body: Schema | None = None
    body_required: bool = False
    replies: Mapping[str, Schema] = msgspec.field(default_factory=dict)
    lines: Mapping[str, str] = msgspec.field(default_factory=dict)


def reply_schema(replies: Mapping[str, Schema], status: int) -> Schema | None:
    """Give what holds for a status: its own word, its class's, the default (OpenAPI 4.8.16)."""
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in replies:
            return replies[key]
    return None
