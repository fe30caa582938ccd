"""Everything of a gateway that knows callers, put together: a composition root of its own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.stores.port import Store
from ingress.auth.forward.operation import Ask
from ingress.auth.kinds import Parts, reach_nobody
from ingress.auth.registry import Registry
from ingress.consumers import declared
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Directory
from ingress.consumers.office import Office
from ingress.consumers.roster import Roster
from ingress.consumers.watch import Report, Watch
from ingress.routefile import RouteFile


class Reception:
    """Takes over what route files say of callers, and what the Store says while it serves."""

    def __init__(self, report: Report, ask: Ask = reach_nobody) -> None:
        self.directory = Directory()
        self._registry = Registry()
        self._report = report
        self._ask = ask
        self._store: Store | None = None
        self._watch: Watch | None = None
        self._prefix = ""
        self._serving = False
        self._starting: asyncio.Future[None] | None = None

    def adopt(self, route_file: RouteFile, folder: Path, store: Store) -> Mapping[str, Any]:
        """Take over a route file; gives what policies share of it. Raises ``ConfigError``."""
        parts = Parts(directory=self.directory, folder=folder, store=store, ask=self._ask)
        self._registry.adopt(route_file.auth or {}, parts, route_file.document)
        digests = Digests(route_file.keys.secrets)
        known = declared.known(route_file.consumers or {}, route_file.usage_plans or {}, digests)
        self.directory.declare(known, digests)
        self._store, self._prefix = store, route_file.keys.prefix
        if self._watch is None and route_file.auth:
            self._watch = Watch(Roster(store), self.directory, self._report)
            if self._serving:
                self._starting = asyncio.ensure_future(self._watch.start())
        return {"authenticators": self._registry.by_name, "directory": self.directory}

    def office(self) -> Office:
        """Make the office of the route file that is served now."""
        assert self._store is not None  # noqa: S101 - for the type checker: it came with the file
        known, digests = self.directory.known[0], self.directory.digests
        return Office(Roster(self._store), known, digests, self._prefix)

    async def start(self) -> None:
        """Read the Store for the first time, and go on doing so."""
        self._serving = True
        if self._watch is not None:
            await self._watch.start()

    async def stop(self) -> None:
        """Write the last uses down, and close the authenticators."""
        if self._watch is not None:
            await self._watch.stop()
        await self._registry.close()

    def __repr__(self) -> str:
        return f"<Reception {self._registry!r}, {self.directory!r}>"
