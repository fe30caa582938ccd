"""A store in Redis: shared by a fleet."""

import math
import re
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from contracts.stores.port import TIMEOUT, Entry, check, check_prefix, space_of
from contracts.stores.redis import scripts
from contracts.stores.redis.link import RedisLink

PREFIX: Final = "queuegate"
# Keys that Redis looks at in one step of a scan: a fraction of a millisecond.
_PAGE: Final = 500
_SPECIAL: Final = re.compile(r"([*?\[\]\\])")


class RedisStore:
    """Keeps entries in the Redis at ``url``, under keys that begin with ``prefix``.

    ``redis://``, ``rediss://`` (TLS) or ``unix://``, as redis-py reads them. ``timeout`` is in
    seconds. ``link`` is its connection, for what counts beside the entries.
    """

    def __init__(self, url: str, *, prefix: str = PREFIX, timeout: float = TIMEOUT) -> None:
        self.link = RedisLink(url, timeout=timeout)
        self.prefix = prefix

    def __repr__(self) -> str:
        return f"<RedisStore {self.prefix} {self.link!r}>"

    async def get(self, key: str) -> Entry | None:
        space_of(key)
        found = await self.link.run(scripts.GET, [self._entry(key)], [])
        return _entry(found) if found else None

    async def put(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        version = await self._write(key, value, ttl, "any")
        return int(version or 0)

    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> int | None:
        return await self._write(key, value, ttl, "none")

    async def replace(
        self, key: str, value: bytes, *, version: int, ttl: float | None = None
    ) -> int | None:
        return await self._write(key, value, ttl, str(version))

    async def delete(self, key: str, *, version: int | None = None) -> bool:
        keys = [self._entry(key), self._generation(space_of(key))]
        wanted = "any" if version is None else str(version)
        return bool(await self.link.run(scripts.DELETE, keys, [wanted]))

    async def scan(self, prefix: str) -> AsyncIterator[tuple[str, Entry]]:
        check_prefix(prefix)
        like = _SPECIAL.sub(r"\\\1", self._entry(prefix)) + "*"
        cut = len(self._entry(""))
        seen: set[str] = set()
        cursor: bytes | int = 0
        while True:
            cursor, page = await self.link.command("SCAN", cursor, "MATCH", like, "COUNT", _PAGE)
            for name in page:
                key = name.decode()[cut:]
                # Redis may name a key twice while its table grows or shrinks.
                if key not in seen:
                    seen.add(key)
                    entry = await self.get(key)
                    if entry is not None:
                        yield key, entry
            if int(cursor) == 0:
                return

    async def generation(self, space: str) -> int:
        return int(await self.link.command("GET", self._generation(space)) or 0)

    async def ready(self) -> None:
        await self.link.command("PING")

    async def close(self) -> None:
        await self.link.close()

    async def _write(self, key: str, value: bytes, ttl: float | None, wanted: str) -> int | None:
        keys = [self._entry(key), self._generation(check(key, value, ttl))]
        lives = "" if ttl is None else max(1, math.ceil(ttl * 1000))
        version = await self.link.run(scripts.WRITE, keys, [value, lives, wanted])
        return None if version is None else int(version)

    def _entry(self, key: str) -> str:
        return f"{self.prefix}:e:{key}"

    def _generation(self, space: str) -> str:
        return f"{self.prefix}:g:{space}"


def _entry(found: list[Any]) -> Entry:
    value, version, left = found
    return Entry(value, int(version), time.time() + left / 1000 if left >= 0 else 0.0)
