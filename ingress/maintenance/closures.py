"""Closing and opening while the gateway runs: what is closed is kept in the Store.

A closed route is another Plan in another Router, so that an open one pays nothing. Each process
asks the Store once a second whether anything changed, which also carries closures over a restart
and to all gateways of a fleet; the process that is told closes at once.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from contracts.fault import Fault
from contracts.stores.port import Store
from ingress.maintenance.closure import ALL, Closure, close
from ingress.router import Router

SPACE: Final = "maintenance"
# Seconds between two looks at the Store.
_EVERY: Final = 1.0

Tell = Callable[[str, str], None]


class Doorway(Protocol):
    """What has a router that may be replaced: the edge."""

    router: Router


class Closures:
    """``Closures(edge, store, tell)``; ``tell(level, text)`` hears what is closed and opened."""

    def __init__(self, edge: Doorway, store: Store, tell: Tell) -> None:
        self._edge = edge
        self._store = store
        self._tell = tell
        self._open = edge.router
        self._generation = -1
        self._task: asyncio.Task[None] | None = None
        self._known: dict[str, Closure] = {}
        self._down = False

    @property
    def known(self) -> list[Closure]:
        """What is closed now."""
        return sorted(self._known.values(), key=lambda one: one.scope)

    def adopt(self, router: Router) -> None:
        """Take over the routes of a new config; what is closed stays so."""
        self._open = router
        self._apply()

    async def start(self) -> None:
        """Read what is closed, and go on to look."""
        await self._look()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def shut(self, scope: str, retry_after: float, detail: str) -> Closure:
        """Close; raises Fault ``not_found`` for what is not there, and ``store_down``."""
        self._check(scope)
        closure = Closure(
            scope=scope, retry_after=retry_after, detail=detail, since=int(time.time())
        )
        await self._store.put(f"{SPACE}:{scope}", msgspec.json.encode(closure))
        await self._read()
        return closure

    async def open(self, scope: str) -> bool:
        """Open again; whether it was closed. Raises Fault ``store_down``."""
        was = await self._store.delete(f"{SPACE}:{scope}")
        await self._read()
        return was

    def _check(self, scope: str) -> None:
        plans = self._open.plans
        scopes = {ALL, *(plan.name for plan in plans)}
        scopes |= {f"group {plan.group}" for plan in plans if plan.group}
        if scope not in scopes:
            raise Fault("not_found", f"{scope!r} is neither all, nor a group, nor a route")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            await self._look()

    async def _look(self) -> None:
        try:
            generation = await self._store.generation(SPACE)
            if generation != self._generation:
                await self._read()
                self._generation = generation
        except Fault as fault:
            # What is closed stays closed: nobody knows that it was opened.
            if not self._down:
                self._tell("WARNING", f"whether anything is closed cannot be read: {fault}")
            self._down = True
        else:
            self._down = False

    async def _read(self) -> None:
        found = {}
        async for key, entry in self._store.scan(f"{SPACE}:"):
            with suppress(msgspec.MsgspecError):
                found[key.partition(":")[2]] = msgspec.json.decode(entry.value, type=Closure)
        if found != self._known:
            for scope in found.keys() - self._known.keys():
                self._tell("WARNING", f"closed for maintenance: {scope}")
            for scope in self._known.keys() - found.keys():
                self._tell("WARNING", f"open again: {scope}")
            self._known = found
            self._apply()

    def _apply(self) -> None:
        router = self._open
        if self._known:
            router = Router(close(router.plans, self._known.values()), router.strangers)
        self._edge.router = router

    def __repr__(self) -> str:
        return f"<Closures {', '.join(self._known) or 'none'}>"
