"""Counts in tables that the processes of this machine share: no I/O, a few microseconds."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from mmap import mmap
from pathlib import Path
from typing import Final

from contracts.fault import Fault
from ingress.limits import places
from ingress.limits.limit import PLANS, Ask, Concurrent, Limit, Standing, Verdict
from ingress.limits.meter import Usage
from ingress.limits.places import Places
from ingress.limits.processes import Processes
from ingress.limits.table import SHARED, Contended, Table
from ingress.limits.windows import Count, Window

# Seconds that another process may hold a row that we need (it may have no turn on a busy machine),
# and between two looks: timers of the event loop know whole milliseconds.
_PATIENCE: Final = 0.5
_PAUSE: Final = 0.001
_HELD: Final = "another process holds the counters"
# When to come again when all places are taken; ms.
_SOON: Final = 1000
# A call is on its way for an hour at the most (``timeout``); ms.
_LONGEST_CALL: Final = 2 * 3_600_000

# A row whose set is locked: limit, table, set, place in it, where its bytes begin.
_Row = tuple[Limit, Table, int, int, int]
# A window of such a row: where its bytes are, and what it has counted.
_Looked = tuple[Window, mmap, int, Count]


class LocalMeter:
    """Keeps one table a limit in ``folder``, or in this process's memory without one.

    Tables are made when they are first asked for; ``clock`` gives Unix seconds.
    """

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._tables: dict[str, Table] = {}
        self._processes: Processes | None = None
        self._places: Places | None = None

    def __repr__(self) -> str:
        return f"<LocalMeter {self._folder or 'in memory'}, {len(self._tables)} tables>"

    def prepare(self, limit: Limit) -> None:
        """Make the limit's table now: before the first call, when there is time."""
        self._table(limit)

    def take(self, asks: Sequence[Ask]) -> Verdict | Awaitable[Verdict]:
        try:
            return self._take(asks)
        except Contended:
            return self._take_later(asks)

    def give_back(self, asks: Sequence[Ask]) -> None:
        for ask in asks:
            if ask[0].concurrent:
                self._give_back(ask, self._clock() + _LONGEST_CALL / 1000)

    async def usage(self, limit: Limit) -> AsyncIterator[Usage]:
        table, now = self._table(limit), int(self._clock() * 1000)
        for number, (label, begins) in enumerate(table.rows(now)):
            # A copy: looking must not disturb those who count.
            row = bytearray(table.buffer[begins : begins + self._size(limit)])
            standings: list[Standing] = []
            for window, at in limit.cells:
                used, reset, *_ = window.look(row, at, now)
                standings.append((window, max(0, window.calls - used), reset))
            if limit.concurrent:
                used = places.total(row, limit.size)
                standings.append((limit.concurrent, max(0, limit.concurrent.calls - used), 0))
            yield Usage(label, standings)
            if number % 100 == 0:
                await asyncio.sleep(0)

    async def reset(self, limit: Limit, key: str) -> bool:
        table = self._table(limit)
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                at, place, _ = table.enter(key, self._clock)
            except Contended:
                await asyncio.sleep(_PAUSE)
                continue
            try:
                return table.drop(at, place)
            finally:
                table.leave(at)
        raise Fault("store_down", _HELD)

    async def close(self) -> None:
        for table in self._tables.values():
            table.close()
        self._tables.clear()
        if self._processes is not None:
            self._processes.close()

    def _take(self, asks: Sequence[Ask]) -> Verdict:
        rows: list[_Row] = []
        tables, clock = self._tables, self._clock
        try:
            for limit, key in asks:
                table = tables.get(limit.table) or self._table(limit)
                rows.append((limit, table, *table.enter(key, clock)))
            # Read under the locks, so that it is not behind what another process wrote.
            return self._decide(rows, int(clock() * 1000))
        finally:
            for _, table, at, _, _ in rows:
                table.leave(at)

    async def _take_later(self, asks: Sequence[Ask]) -> Verdict:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            await asyncio.sleep(_PAUSE)
            with suppress(Contended):
                return self._take(asks)
        raise Fault("store_down", _HELD)

    def _decide(self, rows: Sequence[_Row], now: int) -> Verdict:
        """Look at all, then count in all or in none. This is the hot path."""
        looked: list[_Looked] = []
        refused: list[Standing] = []
        for limit, table, _, place, begins in rows:
            buffer = table.buffer
            for window, at in limit.cells:
                count = window.look(buffer, begins + at, now)
                looked.append((window, buffer, begins + at, count))
                if count[0] >= window.calls:
                    refused.append((window, 0, count[1]))
            if limit.concurrent:
                used = self._used(limit, table, begins)
                # In a row that many share nobody could tell whose place is given back.
                if used >= limit.concurrent.calls or place == SHARED:
                    refused.append((limit.concurrent, 0, _SOON))
        if refused:
            return Verdict([], refused)
        return Verdict(self._count(rows, looked, now), refused)

    def _count(self, rows: Sequence[_Row], looked: Sequence[_Looked], now: int) -> list[Standing]:
        """Count the call in all, and give how one stands then."""
        standings: list[Standing] = []
        following = iter(looked).__next__
        for limit, table, at, place, begins in rows:
            until = 0
            for _ in limit.cells:
                window, buffer, cell, count = following()
                until = max(until, window.take(buffer, cell, now, count))
                standings.append((window, window.calls - count[0] - 1, count[1]))
            if limit.concurrent:
                standings.append(self._enter(limit, limit.concurrent, table, begins))
                until = max(until, now + _LONGEST_CALL)
            table.keep(at, place, until)
        return standings

    def _enter(self, limit: Limit, bound: Concurrent, table: Table, begins: int) -> Standing:
        """Take one place, and give how one stands then."""
        left = bound.calls - self._used(limit, table, begins) - 1
        self._places_now().take(table.buffer, begins + limit.size)
        return bound, left, 0

    def _used(self, limit: Limit, table: Table, begins: int) -> int:
        most = limit.concurrent.calls if limit.concurrent else 0
        return self._places_now().used(table.buffer, begins + limit.size, most)

    def _give_back(self, ask: Ask, deadline: float) -> None:
        """Give one place back; when another process is at the row, a moment later."""
        limit, key = ask
        if self._clock() > deadline or limit.table not in self._tables:
            return
        table = self._tables[limit.table]
        try:
            at, _, begins = table.enter(key, self._clock)
        except Contended:
            loop = asyncio.get_running_loop()
            loop.call_later(_PAUSE, self._give_back, ask, deadline)
            return
        try:
            self._places_now().give_back(table.buffer, begins + limit.size)
        finally:
            table.leave(at)

    def _table(self, limit: Limit) -> Table:
        """Give the limit's table; makes it with the first of its form."""
        table = self._tables.get(limit.table)
        if table is None:
            path = None
            if self._folder is not None:
                path = self._folder / f"{limit.table}.{limit.max_keys}"
            try:
                if path is not None:
                    path.parent.mkdir(mode=0o700, exist_ok=True)
                table = self._tables[limit.table] = Table(path, self._size(limit), limit.max_keys)
            except OSError as error:
                raise Fault("store_down", f"no table for limits: {error.strerror}") from None
        return table

    def _places_now(self) -> Places:
        if self._places is None:
            try:
                self._processes = Processes(self._folder)
            except OSError as error:
                raise Fault("store_down", str(error)) from None
            self._places = Places(self._processes)
        return self._places

    @staticmethod
    def _size(limit: Limit) -> int:
        return limit.size + (places.SIZE if limit.concurrent or limit.table == PLANS else 0)
