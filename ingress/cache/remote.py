"""Answers that all processes of a fleet share, in its store.

An answer stands under a digest of its host, path and part. Where Vary keeps several apart, there
stands which fields it names, and the answers under digests with their values. Beside them stands
for each path when it was last changed: an answer that is older does not count. Orders that name no
single path (by tag, prefix, or all) are remembered in each process, and held against what is found.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from contracts.fault import Fault
from contracts.stores import Store
from ingress.cache import vary
from ingress.cache.entry import Entry
from ingress.cache.memory import Order
from ingress.cache.orders import LONG

Fields = Sequence[tuple[str, str]]
Place = tuple[str, str, str]

_SPACE: Final = "cache"
# Seconds that an answer is kept for asking whether it still holds, beyond all other use.
_FOR_VALIDATION: Final = 60.0
# Writes under way; what comes beyond stays in this process.
_MOST_WRITES: Final = 1000
_MOST_BANS: Final = 10_000
# Seconds that an answer is waited for: the worker may be as quick. And how long a store is left
# alone that was slower.
_PATIENCE: Final = 0.25
_REST: Final = 5.0


class _Varies(msgspec.Struct, frozen=True, tag="varies"):
    """There are several answers, told apart by these fields."""

    names: tuple[str, ...]


class _Stored(msgspec.Struct, frozen=True, tag="entry"):
    entry: Entry


_READ: Final[msgspec.msgpack.Decoder[_Varies | _Stored]] = msgspec.msgpack.Decoder(
    _Varies | _Stored
)


class Remote:
    """Shared answers. A store that is away or slow has none, and keeps none; nothing is raised.

    It is left alone then for some seconds, so that not each miss waits for it. ``clock`` gives
    seconds, whatever they count from.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._rests_until = 0.0
        self._bans: deque[Order] = deque(maxlen=_MOST_BANS)
        # Paths that were changed here, and when, until the store says so too.
        self._changed: dict[tuple[str, str], float] = {}
        self._writes: set[asyncio.Task[None]] = set()

    async def find(self, place: Place, fields: Fields) -> Entry | None:
        """Give the answer that a request selects; ``place`` is host, path and part."""
        if self._clock() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._find(place, fields)
        except (Fault, TimeoutError):
            self._rests_until = self._clock() + _REST
            return None

    def put(self, entry: Entry) -> None:
        """Have an answer written, soon."""
        if len(self._writes) < _MOST_WRITES and self._clock() >= self._rests_until:
            task = asyncio.get_running_loop().create_task(self._put(entry))
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)

    def drop(self, order: Order, *, told: bool) -> None:
        """Let what an order names count no more; ``told`` by another process, which marked it."""
        if not (order.host and order.path):
            self._bans.append(order)
        elif not told:
            if len(self._changed) >= _MOST_BANS:
                self._changed.clear()
                self._bans.append(Order(at=order.at, all=True))
            self._changed[order.host, order.path] = order.at

    async def mark(self, orders: Sequence[Order]) -> None:
        """Write down when paths were changed. Raises Fault ``store_down``."""
        told = {(order.host, order.path): order.at for order in orders}
        await asyncio.gather(
            *(
                self._store.put(_changed_key(*place), repr(at).encode(), ttl=LONG)
                for place, at in told.items()
            )
        )
        for place, at in told.items():
            if self._changed.get(place, float("inf")) <= at:
                del self._changed[place]

    async def settle(self) -> None:
        """Wait for the writes that are under way; each ends within the store's time."""
        await asyncio.gather(*self._writes, return_exceptions=True)

    async def _find(self, place: Place, fields: Fields) -> Entry | None:
        host, path, _ = place
        found, changed = await asyncio.gather(
            self._read(_key(*place)), self._store.get(_changed_key(host, path))
        )
        if isinstance(found, _Varies):
            said = vary.values(fields, found.names)
            found = await self._read(_key(*place, *found.names, *said))
        if not isinstance(found, _Stored) or not self._holds(found.entry, place, fields):
            return None
        if changed is not None and found.entry.stored <= float(changed.value):
            return None
        return found.entry

    async def _read(self, key: str) -> _Varies | _Stored | None:
        found = await self._store.get(key)
        if found is None:
            return None
        try:
            return _READ.decode(found.value)
        except msgspec.DecodeError:
            return None

    async def _put(self, entry: Entry) -> None:
        ttl = entry.lifetime + max(entry.revalidate, entry.on_error, _FOR_VALIDATION)
        ttl = min(LONG, max(1.0, ttl))
        place = entry.host, entry.path, entry.part
        writes = [(_key(*place), _Varies(entry.vary) if entry.vary else _Stored(entry))]
        if entry.vary:
            writes.append((_key(*place, *entry.vary, *entry.varied), _Stored(entry)))
        try:
            await asyncio.gather(
                *(
                    self._store.put(key, msgspec.msgpack.encode(value), ttl=ttl)
                    for key, value in writes
                )
            )
        except (Fault, ValueError):
            # The store is away, or the answer too large for it: it is kept here alone.
            return

    def _holds(self, entry: Entry, place: Place, fields: Fields) -> bool:
        """Whether it is what was asked for, and was not dropped."""
        if (entry.host, entry.path, entry.part) != place:
            return False
        if entry.vary and vary.values(fields, entry.vary) != entry.varied:
            return False
        if entry.stored <= self._changed.get(place[:2], 0.0):
            return False
        return not any(order.fits(entry) for order in self._bans)


def _key(*parts: str) -> str:
    return f"{_SPACE}:{_digest(*parts)}"


def _changed_key(host: str, path: str) -> str:
    return f"{_SPACE}:changed:{_digest(host, path)}"


def _digest(*parts: str) -> str:
    # No part has a zero byte in it, so no two lists of parts read the same.
    return blake2b("\0".join(parts).encode(), digest_size=20).hexdigest()
