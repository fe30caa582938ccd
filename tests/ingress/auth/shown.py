"""Authenticators that say what a test wants, and requests that show what it wants."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from contracts.call import Call
from ingress.auth.credentials import Credentials
from ingress.auth.identity import Identity
from ingress.auth.port import Request
from ingress.auth.refusal import Refused
from tests.ingress.policies.asked import CLIENT, Asked


def shown(query: str = "", **headers: str) -> Asked:
    """Make a request that shows these header fields, and this query."""
    asked = Asked(b"", **headers)
    asked.call = Call(
        id="r-1", operation="s.o", query=query, headers=asked.call.headers, caller=CLIENT
    )
    return asked


class Scripted:
    """An authenticator that gives, raises or awaits what it was made with."""

    def __init__(
        self,
        name: str,
        answer: Identity | Exception | None,
        *,
        waits: bool = False,
        forward: bool = False,
        header: str = "",
    ) -> None:
        self.name = name
        self.forward = forward
        self.credentials = Credentials(frozenset([header or f"x-{name}"]), frozenset([name]))
        self.asked = 0
        self.closed = 0
        self._answer = answer
        self._waits = waits

    def authenticate(self, request: Request) -> Identity | Awaitable[Identity | None] | None:
        """Answer, at once or later."""
        assert request.call.id
        self.asked += 1
        return self._later() if self._waits else self._now()

    async def _later(self) -> Identity | None:
        await asyncio.sleep(0)
        return self._now()

    def _now(self) -> Identity | None:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def challenge(self, refused: Refused | None) -> str:
        """Say the name, and what was refused."""
        return f"{self.name} {refused.reason if refused else '-'}"

    def settings(self) -> Mapping[str, Any]:
        """Give one setting."""
        return {"kind": "scripted"}

    async def close(self) -> None:
        """Count how often."""
        self.closed += 1
