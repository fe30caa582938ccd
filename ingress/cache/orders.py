"""Tells the other processes of a fleet what was dropped, through the store that they share.

Each writes its orders down, and looks for those of the others when the store says that there are
new ones: twice a second, and at once when it has something to tell. So what is dropped in one
process is gone from all within about half a second.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from contracts.fault import Fault
from contracts.stores import Store
from ingress.cache.memory import Order

_SPACE: Final = "purge"
# Seconds between looks, and the least between two: orders that come meanwhile go together.
_LOOK, _LEAST = 0.5, 0.05
# Seconds for which an order is kept for the others: long enough for who could not look for a while,
# and for as long as any answer is shared where it may still be met.
_SHORT: Final = 300.0
LONG: Final = 86_400.0
# The clocks of machines differ: what was stored so many seconds after an order is dropped too.
_SKEW: Final = 1.0
# Orders that wait to be told; of more it is told to drop all.
_MOST: Final = 10_000

# Raises Fault ``store_down``.
Mark = Callable[[Sequence[Order]], Awaitable[None]]

_READ: Final = msgspec.msgpack.Decoder(list[Order])


class Orders:
    """Orders to and from other processes; ``apply`` carries out those of others.

    ``mark`` writes into the store what was dropped there, before the others are told.
    ``report`` hears, once for each trouble, that the store is away, and that it is back.
    """

    def __init__(
        self,
        store: Store,
        apply: Callable[[Order], None],
        report: Callable[[str, str], None],
        mark: Mark | None = None,
    ) -> None:
        self._mark = mark
        self._store = store
        self._apply = apply
        self._report = report
        self._waiting: list[Order] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._generation = -1
        self._seen: set[str] = set()
        self._well = True

    def tell(self, order: Order) -> None:
        """Have the others told, soon."""
        if len(self._waiting) >= _MOST:
            self._waiting = [Order(at=order.at, all=True)]
        self._waiting.append(msgspec.structs.replace(order, at=order.at + _SKEW))
        self._wake.set()

    def start(self) -> None:
        """Begin to tell and to listen."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Tell what is left to tell, and end."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(Fault):
            await self._flush()

    async def exchange(self) -> None:
        """Tell what waits, and carry out what others told. Raises Fault ``store_down``."""
        await self._flush()
        generation = await self._store.generation(_SPACE)
        if generation == self._generation:
            return
        there: set[str] = set()
        async for key, entry in self._store.scan(f"{_SPACE}:"):
            there.add(key)
            if key not in self._seen:
                for order in _orders(entry.value):
                    self._apply(order)
        # What is over is not there any more, and need not be remembered.
        self._seen, self._generation = there, generation

    async def _run(self) -> None:
        while True:
            try:
                await self.exchange()
            except Fault as fault:
                if self._well:
                    self._report("WARNING", f"other processes do not hear what is dropped: {fault}")
                self._well = False
            else:
                if not self._well:
                    self._report("INFO", "other processes hear again what is dropped")
                self._well = True
            await asyncio.sleep(_LEAST)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK)

    async def _flush(self) -> None:
        self._wake.clear()
        if not self._waiting:
            return
        orders, self._waiting = self._waiting, []
        short = [one for one in orders if one.host and one.path]
        long = [one for one in orders if not (one.host and one.path)]
        try:
            if self._mark is not None:
                await self._mark(short)
            for some, ttl in ((short, _SHORT), (long, LONG)):
                if some:
                    key = f"{_SPACE}:{uuid.uuid4().hex}"
                    # Our own: it has been carried out.
                    self._seen.add(key)
                    await self._store.put(key, msgspec.msgpack.encode(some), ttl=ttl)
        except Fault:
            self._waiting = orders + self._waiting
            raise


def _orders(value: bytes) -> list[Order]:
    """Read what another process wrote; what cannot be read (a newer version's) drops all."""
    try:
        return _READ.decode(value)
    except msgspec.DecodeError:
        return [Order(at=float("inf"), all=True)]
