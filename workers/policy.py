"""Policies of a service: the same words as at the edge, for what every operation shares.

A policy that crashes refuses the call (``worker_error``). Nothing fails open.
"""

from collections.abc import Awaitable
from typing import Protocol, runtime_checkable

from contracts.call import Reply
from workers.context import Context


class Policy(Protocol):
    """A decision about a call before its operation runs."""

    def admit(self, ctx: Context) -> Reply | Awaitable[Reply | None] | None:
        """Pass (``None``), answer now (a Reply), or refuse (raise a Fault).

        A policy that changes the call puts a new one into ``ctx.call``.
        """
        ...


@runtime_checkable
class Settler(Protocol):
    """A policy that also wants to see the answer."""

    def settle(self, ctx: Context, reply: Reply) -> Reply | None:
        """Look at the answer; another Reply takes its place, ``None`` leaves it."""
        ...
