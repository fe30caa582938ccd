"""How many things happened lately, and how many of them were of the marked kind.

The breaker asks it for failures among calls, the retry budget for retries
among calls. Time is cut into buckets, so that forgetting costs nothing per
event: what happened is forgotten between ``(buckets - 1) / buckets`` of the
window and the whole window later (Hystrix and resilience4j count the same way).
"""

from collections.abc import Callable

Clock = Callable[[], float]

BUCKETS = 10


class Window:
    """Counts over the last ``seconds``, read from a monotonic ``clock`` in seconds.

    ``total`` and ``marked`` are the counts as of the last call of a method;
    call :meth:`turn` first when time may have passed since.
    """

    __slots__ = ("_clock", "_marks", "_now", "_per_second", "_totals", "marked", "total")

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._per_second = BUCKETS / seconds
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._now = int(self._clock() * self._per_second)
        self._totals = [0] * BUCKETS
        self._marks = [0] * BUCKETS
        self.total = 0
        self.marked = 0

    def count(self) -> None:
        """Count one thing."""
        # As ``turn`` does; this is on the way of each call.
        now = int(self._clock() * self._per_second)
        if now != self._now:
            self._forget(now)
        self._totals[self._now % BUCKETS] += 1
        self.total += 1

    def mark(self) -> None:
        """Count a mark; the thing itself is counted by :meth:`count`."""
        self.turn()
        self._marks[self._now % BUCKETS] += 1
        self.marked += 1

    def turn(self) -> None:
        """Forget the buckets that have left the window by now."""
        now = int(self._clock() * self._per_second)
        if now != self._now:
            self._forget(now)

    def _forget(self, now: int) -> None:
        # A clock that stood still or went backwards (it must not) forgets nothing.
        for moment in range(max(self._now + 1, now - BUCKETS + 1), now + 1):
            bucket = moment % BUCKETS
            self.total -= self._totals[bucket]
            self.marked -= self._marks[bucket]
            self._totals[bucket] = self._marks[bucket] = 0
        self._now = max(self._now, now)

    def __repr__(self) -> str:
        return f"<Window {self.marked} of {self.total} in {BUCKETS / self._per_second:g} s>"
