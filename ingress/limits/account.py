"""One caller's counts, as a process remembers where they are: all that most calls have to do with.

All of its limits are windows. A call takes the locks of their rows, counts in one window after
another, and lets go. Whatever else may be (a row that is another's by now, a limit that is reached,
another process at the same row) goes the long way of the meter that made the account.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from ingress.limits.limit import Ask, Limit, Verdict
from ingress.limits.locks import Contended, Locks
from ingress.limits.table import Row, Table
from ingress.limits.windows import Buffer, Draw

Placed = tuple[Limit, Table, Row]
"""A limit, with the row that it is counted in."""

Bytes = bytes | bytearray

# Where what need not be written goes.
_NOWHERE: Final = memoryview(bytearray(8)).cast("Q")

# A window in its row. The row is where it was if this word of the table is the first half of its
# digest. Then how the window draws, on which bytes and from where, and all of them, which the last
# one does without; the words and the one among them that says for how long the row counts.
_Cell = tuple[memoryview, int, int, Draw, Buffer, int, slice | None, memoryview, int]


class LongWay(Protocol):
    """Counts whatever there is to be counted."""

    def decide(self, rows: Sequence[Placed], now: int) -> Verdict:
        """Find the rows, whose locks are held, and count in them at a moment (Unix ms)."""
        ...

    def later(self, asks: Sequence[Ask]) -> Awaitable[Verdict]:
        """Count when no other process is at the rows."""
        ...


class Account:
    """``account.take()`` counts a call under all limits of ``asks``, or under none.

    It gives what each window has left and its seconds, one after the other, or a Verdict, or what
    to wait for. ``rows`` are the rows of ``asks``. ``clock`` gives Unix seconds.
    """

    __slots__ = ("_asks", "_cells", "_clock", "_locks", "_long", "_rows", "_stripes")

    def __init__(
        self,
        asks: Sequence[Ask],
        rows: Sequence[Placed],
        locks: Locks,
        long: LongWay,
        clock: Callable[[], float],
    ) -> None:
        self._asks = asks
        self._rows = rows
        self._locks = locks
        self._long = long
        self._clock = clock
        # One mostly: the rows of one key have the same lock in all tables.
        self._stripes = tuple(dict.fromkeys(row.stripe for *_, row in rows))
        self._cells: tuple[_Cell, ...] = ()
        self._note()

    def __repr__(self) -> str:
        return (
            f"<Account {', '.join(f'{limit.name} of {row.key}' for limit, _, row in self._rows)}>"
        )

    def take(self) -> tuple[int, ...] | Verdict | Awaitable[Verdict]:
        locks = self._locks
        try:
            for stripe in self._stripes:
                locks.enter(stripe)
            # Read under the locks, so that it is not behind what another process wrote.
            now = int(self._clock() * 1000)
            stands: list[int] = []
            before: list[Bytes] = []
            for row, tag, half, draw, buffer, at, whole, words, until in self._cells:
                if row[tag] != half:
                    return self._otherwise(before, now)
                if whole is not None:
                    before.append(buffer[whole])
                drawn = draw(buffer, at, now, words, until)
                if drawn is None:
                    return self._otherwise(before, now)
                stands += drawn
            return tuple(stands)
        except Contended:
            return self._long.later(self._asks)
        finally:
            locks.leave()

    def _otherwise(self, before: Sequence[Bytes], now: int) -> Verdict:
        """A row is not where it was, or a window has no more.

        What was counted in the windows before it is taken back.
        """
        for (*_, buffer, _, whole, _, _), was in zip(self._cells, before, strict=False):
            assert whole is not None  # noqa: S101 - for the type checker: only the last has none
            buffer[whole] = was
        verdict = self._long.decide(self._rows, now)
        self._note()
        return verdict

    def _note(self) -> None:
        """Remember where the rows are."""
        cells = [cell for placed in self._rows for cell in _cells(*placed)]
        last = cells[-1]
        cells[-1] = (*last[:6], None, *last[7:])
        self._cells = tuple(cells)


def _cells(limit: Limit, table: Table, row: Row) -> list[_Cell]:
    # The row counts for as long as the window does that forgets last.
    longest = max(limit.cells, key=lambda cell: cell[0].lasts)
    mark = (table.words, row.tag, row.half)
    cells: list[_Cell] = []
    for cell in limit.cells:
        window, at = cell[0], row.begins + cell[1]
        word = (table.words, row.until) if cell is longest else (_NOWHERE, 0)
        whole = slice(at, at + window.size)
        cells.append((*mark, window.draw, table.buffer, at, whole, *word))
    return cells
