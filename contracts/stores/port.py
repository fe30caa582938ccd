"""The port to shared state: consumers and keys, cached answers, idempotency keys.

A store is a map from keys to bytes that several processes share: one machine's in SQLite, a fleet's
in Redis, and nobody's but this process's in memory. All three pass one contract suite. What counts
exactly at the speed of a call (rate limits) is not here: see ``ingress/limits``.
"""

import re
from collections.abc import AsyncIterator
from typing import Final, Protocol

import msgspec

MAX_KEY: Final = 512
"""Bytes of a key, in UTF-8."""
MAX_VALUE: Final = 16 * 1024**2
"""Bytes of a value."""
TIMEOUT: Final = 1.0
"""Seconds that an operation may take, unless the store's URL says otherwise."""

_KEY: Final = re.compile(r"([a-z][a-z0-9_-]*):.+", re.DOTALL)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What stands under a key.

    ``version`` is that of this write: a key never has the same version twice, not even after it was
    deleted. ``expires`` is in Unix seconds, 0 for never.
    """

    value: bytes
    version: int
    expires: float = 0.0


class Store(Protocol):
    """Shared state. All operations are atomic, across all processes that use the store.

    A key is text, ``space:rest`` (``consumer:anna``), at most ``MAX_KEY`` bytes; the space is a
    lower-case word. ``ttl`` is in seconds from now; ``None`` keeps the entry until it is deleted.
    An entry whose time is over is not there. Operations of one turn of the event loop share a
    round trip, so use ``asyncio.gather`` and never batch by hand.

    Whatever is wrong with the store (it is away, slow or full), an operation ends within the
    store's deadline with ``Fault("store_down")``. The operation may have happened all the same when
    the answer was lost. A key, value or ttl outside of the bounds is a ``ValueError``.
    """

    async def get(self, key: str) -> Entry | None:
        """Give what stands there, or ``None``."""
        ...

    async def put(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        """Write, whatever stood there. Gives the version."""
        ...

    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> int | None:
        """Write if nothing stands there. Gives the version, or ``None`` if something does."""
        ...

    async def replace(
        self, key: str, value: bytes, *, version: int, ttl: float | None = None
    ) -> int | None:
        """Write if the entry still has this version. Gives the new one, or ``None`` if not."""
        ...

    async def delete(self, key: str, *, version: int | None = None) -> bool:
        """Delete, if given only at this version. Says whether it was there."""
        ...

    def scan(self, prefix: str) -> AsyncIterator[tuple[str, Entry]]:
        """Go through all whose key begins so: in no order, each once.

        What is written or deleted meanwhile may or may not be among them. The prefix holds the
        space and its colon. It is for lists that people look at and for loading at start, not for
        the path of a call.
        """
        ...

    async def generation(self, space: str) -> int:
        """Give a number that grows with every write and delete in a space; 0 before the first.

        It is cheap to ask: who keeps copies asks now and then, and reads again when it has changed.
        An entry that expires does not change it.
        """
        ...

    async def ready(self) -> None:
        """Return when the store answers; raises ``Fault("store_down")`` when it does not."""
        ...

    async def close(self) -> None:
        """Let go of connections and files. Operations that are under way may fail."""
        ...


def space_of(key: str) -> str:
    """Give the space of a key, or raise ``ValueError`` for what is no key."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(f"a key is written space:rest, not {key[:80]!r}")
    if len(key.encode()) > MAX_KEY:
        raise ValueError(f"a key has at most {MAX_KEY} bytes")
    return found[1]


def check(key: str, value: bytes, ttl: float | None) -> str:
    """Check what is to be written; gives the space. Raises ``ValueError``."""
    if len(value) > MAX_VALUE:
        raise ValueError(f"a value has at most {MAX_VALUE} bytes")
    if ttl is not None and not ttl > 0:
        raise ValueError("an entry lives for more than 0 seconds")
    return space_of(key)


def check_prefix(prefix: str) -> None:
    """Check the prefix of a scan. Raises ``ValueError``."""
    space_of(f"{prefix}.")
