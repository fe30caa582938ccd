"""Counts in tables that the processes of this machine share: no I/O, a few microseconds."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from contracts.fault import Fault
from ingress.limits import places
from ingress.limits.account import Account, Placed
from ingress.limits.limit import PLANS, Ask, Limit, Standing, Verdict
from ingress.limits.locks import Contended, Locks
from ingress.limits.meter import Take, Usage
from ingress.limits.places import Places
from ingress.limits.processes import Processes
from ingress.limits.table import Row, Table
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
# A window of such a row: where its bytes are, and what it has counted.
_Looked = tuple[Window, int, Count]


class LocalMeter:
    """Keeps one table a limit in ``folder``, or in this process's memory without one.

    Tables are made when they are first asked for; ``clock`` gives Unix seconds.
    """

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._tables: dict[str, Table] = {}
        self._locks: Locks | None = None
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
            return self.later(asks)

    def account(self, asks: Sequence[Ask]) -> Take:
        if any(limit.concurrent for limit, _ in asks):
            return partial(self.take, asks)
        rows = []
        for limit, key in asks:
            table = self._table(limit)
            rows.append((limit, table, table.known.get(key) or table.row(key)))
        return Account(asks, rows, self._locks_now(), self, self._clock).take

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
        row, locks = table.row(key), table.locks
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                locks.enter(row.stripe)
            except Contended:
                await asyncio.sleep(_PAUSE)
                continue
            try:
                table.find(row, int(self._clock() * 1000))
                return table.drop(row)
            finally:
                locks.leave()
        raise Fault("store_down", _HELD)

    async def close(self) -> None:
        for table in self._tables.values():
            table.close()
        self._tables.clear()
        if self._locks is not None:
            self._locks.close()
        if self._processes is not None:
            self._processes.close()

    def _take(self, asks: Sequence[Ask]) -> Verdict:
        rows: list[Placed] = []
        held: list[int] = []
        tables, locks = self._tables, self._locks or self._locks_now()
        try:
            for limit, key in asks:
                table = tables.get(limit.table) or self._table(limit)
                row = table.known.get(key) or table.row(key)
                # One lock mostly: the rows of one key have the same in all tables.
                if row.stripe not in held:
                    locks.enter(row.stripe)
                    held.append(row.stripe)
                rows.append((limit, table, row))
            # Read under the locks, so that it is not behind what another process wrote.
            return self.decide(rows, int(self._clock() * 1000))
        finally:
            locks.leave()

    async def later(self, asks: Sequence[Ask]) -> Verdict:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            await asyncio.sleep(_PAUSE)
            with suppress(Contended):
                return self._take(asks)
        raise Fault("store_down", _HELD)

    def decide(self, rows: Sequence[Placed], now: int) -> Verdict:
        """Look at all, then count in all or in none."""
        looked: list[_Looked] = []
        standings: list[Standing] = []
        refused: list[Standing] = []
        for limit, table, row in rows:
            buffer = table.buffer
            if table.words[row.tag] != row.half:
                table.find(row, now)
            for window, at in limit.cells:
                at += row.begins  # noqa: PLW2901 - from here on it is where in the table
                count = window.look(buffer, at, now)
                left = window.calls - count[0]
                if left <= 0:
                    refused.append((window, 0, count[1]))
                looked.append((window, at, count))
                standings.append((window, left - 1, count[1]))
            if limit.concurrent is not None:
                left = limit.concurrent.calls - self._used(limit, table, row)
                # In a row that many share nobody could tell whose place is given back.
                if left <= 0 or row.shared:
                    refused.append((limit.concurrent, 0, _SOON))
                standings.append((limit.concurrent, left - 1, 0))
        if refused:
            return Verdict([], refused)
        self._count(rows, looked, now)
        return Verdict(standings, refused)

    def _count(self, rows: Sequence[Placed], looked: Sequence[_Looked], now: int) -> None:
        """Count the call in all."""
        number = 0
        for limit, table, row in rows:
            until, buffer = 0, table.buffer
            for _ in limit.cells:
                window, at, count = looked[number]
                gone = window.take(buffer, at, now, count)
                until = gone if gone > until else until  # noqa: FURB136 - max costs more
                number += 1
            if limit.concurrent is not None:
                self._places_now().take(buffer, row.begins + limit.size)
                until = max(until, now + _LONGEST_CALL)
            table.words[row.until] = until

    def _used(self, limit: Limit, table: Table, row: Row) -> int:
        most = limit.concurrent.calls if limit.concurrent else 0
        return self._places_now().used(table.buffer, row.begins + limit.size, most)

    def _give_back(self, ask: Ask, deadline: float) -> None:
        """Give one place back; when another process is at the row, a moment later."""
        limit, key = ask
        now = self._clock()
        if now > deadline or limit.table not in self._tables:
            return
        table = self._tables[limit.table]
        row = table.known.get(key) or table.row(key)
        try:
            table.locks.enter(row.stripe)
        except Contended:
            loop = asyncio.get_running_loop()
            loop.call_later(_PAUSE, self._give_back, ask, deadline)
            return
        try:
            table.find(row, int(now * 1000))
            self._places_now().give_back(table.buffer, row.begins + limit.size)
        finally:
            table.locks.leave()

    def _table(self, limit: Limit) -> Table:
        """Give the limit's table; makes it with the first of its form."""
        table = self._tables.get(limit.table)
        if table is None:
            locks = self._locks_now()
            path = self._folder and self._folder / f"{limit.table}.{limit.max_keys}.rows"
            try:
                table = Table(path, self._size(limit), limit.max_keys, locks)
            except OSError as error:
                raise _no_table(error) from None
            self._tables[limit.table] = table
        return table

    def _locks_now(self) -> Locks:
        if self._locks is None:
            try:
                self._locks = Locks(self._folder)
            except OSError as error:
                raise _no_table(error) from None
        return self._locks

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


def _no_table(error: OSError) -> Fault:
    return Fault("store_down", f"no table for limits: {error.strerror}")
