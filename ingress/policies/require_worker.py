"""Refuse a call that nobody would take from its queue, instead of letting it wait there.

It is for routes where a late answer is worth less than none. Others had better let the call wait:
the queue then bridges the restart of a worker.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot


class Watch(Protocol):
    """Who knows the consumers of a queue: :class:`ingress.attendance.Attendance`, or a fake."""

    def known(self, queue: str) -> int | None:
        """Give the consumers as they were a moment ago; ``None``: look, to know."""
        ...

    async def look(self, queue: str) -> int | None:
        """Ask the broker; ``None`` when it cannot tell."""
        ...

    def enter(self, queue: str) -> None:
        """Go on looking."""
        ...

    def leave(self, queue: str) -> None:
        """Say that a call has ended."""
        ...


class RequireWorker:
    """Answers 503 ``no_worker`` when nobody consumes from ``queue``."""

    name = "require_worker"
    slot = Slot.HOLD

    def __init__(self, queue: str, watch: Watch) -> None:
        self._queue = queue
        self._watch = watch

    def __repr__(self) -> str:
        return f"<RequireWorker {self._queue} {self._watch!r}>"

    def admit(self, flow: Request) -> Awaitable[Reply | None] | None:  # noqa: ARG002 - the port
        consumers = self._watch.known(self._queue)
        if consumers is None:
            return self._look()
        self._let_in(consumers)
        return None

    def settle(self, flow: Request) -> None:  # noqa: ARG002 - the port
        self._watch.leave(self._queue)

    def held(self) -> Mapping[str, float]:
        return {}

    def settings(self) -> Mapping[str, Any]:
        return {"require_worker": True, "queue": self._queue}

    async def _look(self) -> Reply | None:
        # A broker that cannot be asked refuses the call itself, and with a better reason.
        consumers = await self._watch.look(self._queue)
        self._let_in(1 if consumers is None else consumers)
        return None

    def _let_in(self, consumers: int) -> None:
        if not consumers:
            raise Fault("no_worker", "nobody takes calls of this operation now")
        self._watch.enter(self._queue)


class Nobody:
    """A watch that knows nothing: for who compiles a route file and serves nothing."""

    def known(self, queue: str) -> int | None: ...

    async def look(self, queue: str) -> int | None: ...

    def enter(self, queue: str) -> None: ...

    def leave(self, queue: str) -> None: ...


def build(asked: Mapping[str, Any]) -> RequireWorker | None:
    """Build it for a route that sets ``require_worker``, has a queue, and waits for an answer."""
    queue = asked.get("to_queue")
    if not asked.get("require_worker") or not queue or asked.get("accept"):
        return None
    return RequireWorker(queue, asked.get("watch") or Nobody())
