"""The cache of a process as one of several: what is dropped in one is dropped in all.

With a store that is shared (SQLite on one machine, Redis for a fleet) orders go to all; with
``shared: true`` the answers do, too.
"""

from collections.abc import Callable

from contracts.stores import Store
from ingress.cache.memory import Order
from ingress.cache.orders import Orders
from ingress.cache.remote import Remote
from ingress.cache.shelf import Shelf


class Fleet:
    """Joins a shelf to those of other processes. ``report(level, text)`` hears of trouble."""

    def __init__(
        self, shelf: Shelf, store: Store, report: Callable[[str, str], None], *, shared: bool
    ) -> None:
        self._shelf = shelf
        self._remote = remote = Remote(store) if shared else None
        mark = remote.mark if remote else None
        self._orders = Orders(store, self._carry_out, report, mark)
        shelf.remote = self._remote
        shelf.on_drop = self._tell

    def start(self) -> None:
        """Begin to tell and to listen."""
        self._orders.start()

    async def stop(self) -> None:
        """Tell what is left to tell, and end; the store is still there."""
        await self._orders.stop()
        if self._remote is not None:
            await self._remote.settle()

    async def exchange(self) -> None:
        """Tell what waits, and carry out what others told, now. Raises Fault ``store_down``."""
        await self._orders.exchange()

    def _tell(self, order: Order) -> None:
        self._orders.tell(order)
        if self._remote is not None:
            self._remote.drop(order, told=False)

    def _carry_out(self, order: Order) -> None:
        self._shelf.drop(order, told=True)
        if self._remote is not None:
            self._remote.drop(order, told=True)
