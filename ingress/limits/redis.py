"""Counts in a Redis that all gateways share: one round trip a call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from functools import partial
from typing import Final

from contracts.fault import Fault
from contracts.stores.redis import RedisLink
from contracts.stores.redis.link import Word
from ingress.limits import script
from ingress.limits.limit import Ask, Limit, Standing, Verdict
from ingress.limits.meter import Take, Usage
from ingress.limits.presence import Presence
from ingress.limits.windows import Sliding, Window

# When to come again when all places are taken; ms.
_SOON: Final = 1000
_PAGE: Final = 200


class RedisMeter:
    """Counts under keys that begin with ``prefix``; calls of one turn share a round trip."""

    def __init__(self, link: RedisLink, prefix: str) -> None:
        self._link = link
        self._prefix = prefix
        self._presence = Presence(link, prefix)
        self._known: dict[str, tuple[str, tuple[Word, ...]]] = {}

    def __repr__(self) -> str:
        return f"<RedisMeter {self._prefix} {self._presence!r}>"

    def prepare(self, limit: Limit) -> None:
        """Nothing is to be made beforehand."""

    def take(self, asks: Sequence[Ask]) -> Verdict | Awaitable[Verdict]:
        return self._take(asks)

    def account(self, asks: Sequence[Ask]) -> Take:
        return partial(self._take, asks)

    def give_back(self, asks: Sequence[Ask]) -> None:
        for ask in asks:
            if ask[0].concurrent:
                self._presence.end(self._row(ask))

    async def usage(self, limit: Limit) -> AsyncIterator[Usage]:
        index, _ = self._words(limit)
        at = 0
        while page := await self._link.command("ZRANGE", index, at, at + _PAGE - 1):
            at += len(page)
            keys = [row.decode()[len(index) + 1 :] for row in page]
            looks = (self._run("look", [(limit, key)]) for key in keys)
            for key, told in zip(keys, await asyncio.gather(*looks), strict=True):
                yield Usage(key, _standings([limit], told, 0))

    async def reset(self, limit: Limit, key: str) -> bool:
        index, _ = self._words(limit)
        row = f"{index}:{key}"
        parts = [f"{row}:{window.id}" for window, _ in limit.cells]
        return bool(await self._link.run(script.FORGET, [index, row, *parts], []))

    async def close(self) -> None:
        await self._presence.close()

    async def _take(self, asks: Sequence[Ask]) -> Verdict:
        places = [self._row(ask) for ask in asks if ask[0].concurrent]
        if places:
            await self._presence.show()
        begun = {row: self._presence.begin(row) for row in places}
        try:
            told = await self._run("take", asks, begun)
        except (Fault, asyncio.CancelledError):
            for row in places:
                self._presence.end(row, unsure=True)
            raise
        limits = [limit for limit, _ in asks]
        if told[0]:
            return Verdict(_standings(limits, told, 1), [])
        for row in places:
            self._presence.end(row)
        return Verdict([], _refused(limits, told))

    async def _run(
        self, verb: str, asks: Sequence[Ask], begun: dict[str, tuple[int, int]] | None = None
    ) -> list[int]:
        indexes = []
        words: list[Word] = [verb, self._presence.living, self._presence.process]
        for ask in asks:
            limit, key = ask
            index, fixed = self._words(limit)
            indexes.append(index)
            words.append(key)
            words += fixed
            if limit.concurrent:
                words += (begun or {}).get(self._row(ask), (0, 0))
        told: list[int] = await self._link.run(script.TAKE, indexes, words)
        return told

    def _row(self, ask: Ask) -> str:
        limit, key = ask
        return f"{self._words(limit)[0]}:{key}"

    def _words(self, limit: Limit) -> tuple[str, tuple[Word, ...]]:
        """Give the name of a limit's index, and what the script is told of it each time."""
        known = self._known.get(limit.name + limit.policy)
        if known is None:
            cells: list[Word] = []
            for window, _ in limit.cells:
                cells += (window.id, *_cell(window))
            if limit.concurrent:
                cells += ("p", "p", limit.concurrent.calls)
            index = f"{self._prefix}:l:{limit.table}"
            known = index, (limit.max_keys, len(limit.parts()), *cells)
            self._known[limit.name + limit.policy] = known
        return known


def _cell(window: Window) -> tuple[Word, ...]:
    if isinstance(window, Sliding):
        return ("s", window.calls, window.length, window.grain, window.slots)
    return ("c", window.calls, window.id)


def _standings(limits: Sequence[Limit], told: Sequence[int], more: int) -> list[Standing]:
    """Read what stands behind each other: used and ms, window by window, limit by limit."""
    standings: list[Standing] = []
    at = 1
    for limit in limits:
        for one in limit.parts():
            standings.append((one, max(0, one.calls - told[at] - more), told[at + 1]))
            at += 2
    return standings


def _refused(limits: Sequence[Limit], told: Sequence[int]) -> list[Standing]:
    full = [one for one in _standings(limits, told, 0) if one[1] == 0]
    return [(one, 0, reset or _SOON) for one, _, reset in full]
