"""The cache of one gateway process, put together: memory, other processes, metrics, admin port."""

from collections.abc import Awaitable, Callable
from typing import Any

from contracts.logs import Logger
from contracts.stores import Store
from ingress import admin_cache
from ingress.admin_answers import App
from ingress.cache.fleet import Fleet
from ingress.cache.memory import Order
from ingress.cache.shelf import Shelf
from ingress.flow import Flow
from ingress.observers.cache_metrics import CacheMetrics
from ingress.observers.metrics import Metrics
from ingress.onward import Onward
from ingress.routefile import RouteFile


class Caching:
    """What the gateway has of its cache; all of it rests while no route has one."""

    def __init__(self, log: Logger) -> None:
        self._log = log
        self._fleet: Fleet | None = None
        self._metrics: CacheMetrics | None = None
        self._shelf = Shelf(0)
        self._opened = False

    def open(self, route_file: RouteFile, store: Store, processes: int) -> Shelf:
        """Give the memory for the routes, the same at each reload."""
        if not self._opened:
            self._opened = True
            self._shelf = Shelf(route_file.cache.size)
            if not route_file.store.startswith("memory:"):
                self._fleet = Fleet(
                    self._shelf, store, self._report, shared=route_file.cache.shared
                )
        if self._fleet is None and processes > 1 and caches(route_file):
            self._log.warning(
                "what is dropped from the cache in one process stays in the others: "
                "give them a `store`"
            )
        return self._shelf

    def serve(
        self, run: Callable[[Flow], Awaitable[None]], admin_app: App, metrics: Metrics
    ) -> None:
        """Have calls made by ``run``, and be seen by operators."""
        self._shelf.onward = Onward(run)
        self._metrics = CacheMetrics(metrics.registry)
        admin_cache.add_routes(admin_app, self._shelf, self._on_purge)

    def start(self) -> None:
        """Join the other processes."""
        if self._fleet is not None:
            self._fleet.start()

    async def stop(self) -> None:
        """Leave them; the store is still there."""
        if self._fleet is not None:
            await self._fleet.stop()

    def pour(self) -> None:
        """Write what was counted into the metrics."""
        memory = self._shelf.memory
        if self._metrics is not None:
            self._metrics.pour(self._shelf.counts, memory.evicted, memory.used)

    def _report(self, level: str, text: str) -> None:
        self._log.log(level, "{}", text)

    def _on_purge(self, who: str, order: Order, dropped: int) -> None:
        self._log.info("{} dropped {} cached answers: {}", who, dropped, order.what)


def caches(route_file: RouteFile) -> bool:
    """Whether any route may have a cache."""
    sections: list[Any] = [route_file.defaults, *route_file.routes]
    return any(section.cache != "off" for section in sections)
