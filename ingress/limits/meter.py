"""The port to what counts: one machine's table, or a Redis for a fleet."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

from ingress.limits.limit import Ask, Limit, Standing, Verdict

Take = Callable[[], tuple[int, ...] | Verdict | Awaitable[Verdict]]
"""Counts a call. When it was counted at once it may say no more than what each window has left and
the seconds until there is more, one after the other in the order of what was asked."""


class Usage(NamedTuple):
    """What one key has used of a limit."""

    key: str
    standings: list[Standing]


class Meter(Protocol):
    """Counts calls, exactly, across all processes that share it.

    Whatever is wrong with it is ``Fault("store_down")``, and no operation waits for long.
    """

    def take(self, asks: Sequence[Ask]) -> Verdict | Awaitable[Verdict]:
        """Count a call under all of these limits, or under none if any refuses it."""
        ...

    def account(self, asks: Sequence[Ask]) -> Take:
        """Give what counts each of the calls that ask the same.

        To be kept, for it may remember where the counts are.
        """
        ...

    def give_back(self, asks: Sequence[Ask]) -> None:
        """Give the places of a call back, once it was counted and is over. Never fails."""
        ...

    def usage(self, limit: Limit) -> AsyncIterator[Usage]:
        """Go through all keys that have used something of a limit."""
        ...

    async def reset(self, limit: Limit, key: str) -> bool:
        """Forget what a key has used. Says whether there was anything."""
        ...

    async def close(self) -> None:
        """Let go of it. Counts stay where they are kept."""
        ...
