"""What a route's requests and replies are held to, compiled."""

from collections.abc import Mapping

import msgspec

from ingress.validation.checker import Checker
from ingress.validation.parameters import Members, Parameter


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; immutable.

    ``query_names`` are those that may be there, ``None`` when any may. ``sources`` names where it
    all comes from.
    """

    parameters: tuple[Parameter, ...]
    query_names: frozenset[str] | None
    body: Checker | None
    members: Members
    body_required: bool
    replies: Mapping[str, Checker]
    on_reply: str
    most: int
    sources: tuple[str, ...]
