"""A store in this process's memory: the default, and the fake of the others."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from contracts.fault import Fault
from contracts.stores.port import Entry, check, check_prefix, space_of

MAX_BYTES: Final = 64 * 1024**2
# What an entry costs beside its key and value, about.
_OVERHEAD: Final = 200
# So many writes bring one look at what has expired, at the most.
_SWEEP_EVERY: Final = 256


class MemoryStore:
    """Holds at most ``max_bytes``; what comes after is refused as ``store_down``.

    Nothing is thrown out to make room but what has expired: a store that forgets what it was told
    to keep breaks whoever relies on it. ``clock`` gives Unix seconds.
    """

    def __init__(
        self, max_bytes: int = MAX_BYTES, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._entries: dict[str, Entry] = {}
        self._generations: dict[str, int] = {}
        self._max_bytes = max_bytes
        self._bytes = 0
        self._clock = clock
        # Writes until the next look at what has expired.
        self._sweep_in = _SWEEP_EVERY

    def __repr__(self) -> str:
        return f"<MemoryStore {len(self._entries)} entries, {self._bytes} bytes>"

    async def get(self, key: str) -> Entry | None:
        space_of(key)
        return self._living(key)

    async def put(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        return self._write(check(key, value, ttl), key, value, ttl)

    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> int | None:
        space = check(key, value, ttl)
        return None if self._living(key) else self._write(space, key, value, ttl)

    async def replace(
        self, key: str, value: bytes, *, version: int, ttl: float | None = None
    ) -> int | None:
        space = check(key, value, ttl)
        entry = self._living(key)
        if entry is None or entry.version != version:
            return None
        return self._write(space, key, value, ttl)

    async def delete(self, key: str, *, version: int | None = None) -> bool:
        space = space_of(key)
        entry = self._living(key)
        if entry is None or version not in {None, entry.version}:
            return False
        self._drop(key)
        self._next(space)
        return True

    async def scan(self, prefix: str) -> AsyncIterator[tuple[str, Entry]]:
        check_prefix(prefix)
        for key in [key for key in self._entries if key.startswith(prefix)]:
            entry = self._living(key)
            if entry is not None:
                yield key, entry

    async def generation(self, space: str) -> int:
        return self._generations.get(space, 0)

    async def ready(self) -> None:
        """It is always there."""

    async def close(self) -> None:
        self._entries.clear()
        self._bytes = 0

    def _living(self, key: str) -> Entry | None:
        entry = self._entries.get(key)
        if entry is not None and 0 < entry.expires <= self._clock():
            self._drop(key)
            return None
        return entry

    def _write(self, space: str, key: str, value: bytes, ttl: float | None) -> int:
        self._sweep_in -= 1
        if self._sweep_in <= 0:
            self._sweep()
        needed = _size(key, value)
        old = self._entries.get(key)
        free = self._max_bytes - self._bytes + (_size(key, old.value) if old else 0)
        if needed > free:
            self._sweep()
            if needed > self._max_bytes - self._bytes:
                raise Fault("store_down", "the store is full")
        self._drop(key)
        version = self._next(space)
        self._entries[key] = Entry(value, version, self._clock() + ttl if ttl else 0.0)
        self._bytes += needed
        return version

    def _next(self, space: str) -> int:
        version = self._generations.get(space, 0) + 1
        self._generations[space] = version
        return version

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(key, entry.value)

    def _sweep(self) -> None:
        """Forget what has expired; the cost is shared by as many writes as there are entries."""
        now = self._clock()
        for key in [key for key, entry in self._entries.items() if 0 < entry.expires <= now]:
            self._drop(key)
        self._sweep_in = max(_SWEEP_EVERY, len(self._entries))


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + _OVERHEAD
