"""What somebody decided about a request."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

import msgspec

from contracts.fault import Fault
from ingress.auth.forward.question import Question
from ingress.auth.http_client import Fields, Unreachable

_SUCCESS = range(200, 300)


class Verdict(msgspec.Struct, frozen=True):
    """Yes: ``who`` has ``id``, ``scopes``, ``roles`` and ``groups``; ``fields`` go to the worker.

    ``who`` of ``None`` is a no.
    """

    who: Mapping[str, Any] | None
    fields: Fields = ()


NO = Verdict(None)


class Judge(Protocol):
    """Decides about requests."""

    async def decide(self, question: Question) -> Verdict:
        """Decide. Raises ``Fault`` for who may not, and ``Unreachable`` when it cannot be told."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def is_yes(status: int) -> bool:
    """Whether a status says yes; 401 is a no.

    Raises ``Fault`` for 403, and ``Unreachable`` for all others: also a redirect, which is for a
    browser at a login page, and not for what calls an API.
    """
    if status == HTTPStatus.FORBIDDEN:
        raise Fault("forbidden", "the caller may not do this")
    if status not in _SUCCESS and status != HTTPStatus.UNAUTHORIZED:
        raise Unreachable(f"status {status}")
    return status in _SUCCESS
