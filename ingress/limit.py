"""How many calls a queue bears now: found out from how long they wait in it.

Workers tell how long they worked, so the gateway knows the queue's part of every call, and need
not guess it from the whole as TCP Vegas and its kin do. A limit goes down when even the luckier
calls of a window waited longer than they may, by Little's law (in flight = throughput x time) to
what would have them wait just so long, but not below what the best throughput of late needs: a
process that is starved sees waits that no limit makes shorter. It goes up a little when it turned
calls away that would not have waited. What the way takes without a queue is the least that was
ever seen, forgotten slowly; and since a queue that always stands looks like a long way, the limit
is halved for a window now and then, to see (BBR's probe of the round trip).

After Netflix's concurrency-limits (the limit, the probing) and CoDel (RFC 8289: judge the standing
queue over a window, not single calls). Pure: no clock of its own, no I/O.
"""

from typing import Final

import msgspec

# Seconds and calls that make a window worth judging. Calls that take longer have a longer window,
# up to so much, for what a change of the limit does is seen only in calls that began after it.
WINDOW: Final = 0.1
_LONGEST: Final = 1.0
ENOUGH: Final = 10
# By what the limit may change in one window.
_MOST_DOWN, _MOST_UP = 0.5, 0.1
# By what until the first time that it was too high: a gateway that starts under load must not turn
# away for seconds what could be served (TCP's slow start).
_FIRST_UP: Final = 1.0
# The share of calls that ended without an answer above which the limit goes down, and by what.
_MANY_LOST, _DOWN_BY = 0.1, 0.7
# Seconds from one probe to the next, at first and at most; a probe that was right to doubt is the
# first one again.
_PROBE_SOON, _PROBE_LATE = 1.0, 30.0
_DOUBTED: Final = 0.8
# How fast the shortest way is forgotten: by half in about a minute of windows.
_FORGET: Final = 1.001
# How fast the best throughput is forgotten: by a fifth in a second of windows.
_FADE: Final = 0.98
# How much more than what the best throughput needs (by Little's law) a limit may grow to.
_USEFUL: Final = 2.0
_START: Final = 100.0
# The part of the limit that is left for the lowest priority when the highest is 9.
_LEAST_SHARE, _PRIORITIES = 0.5, 9


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``floor`` in seconds and ``tolerance`` (a share of the work) bound the wait in the queue."""

    tolerance: float = 0.4
    floor: float = 0.002
    at_least: int = 2
    at_most: int = 1000


class Limit:
    """One queue's limit of calls in flight, shared by all routes that go there."""

    def __init__(self, settings: LimitSettings) -> None:
        self.settings = settings
        self.in_flight = 0
        self.value = min(max(_START, settings.at_least), float(settings.at_most))
        self._top = 0
        self._way = 0.0
        self._best = 0.0
        self._up = _FIRST_UP
        self._turned_away = False
        # What part of the limit holds in this window.
        self._part = 1.0
        self._pause = _PROBE_SOON
        self._probe_at = 0.0
        self._began: float | None = None
        self._waits: list[float] = []
        self._work = 0.0
        self._lost = 0

    def __repr__(self) -> str:
        return f"<Limit {self.in_flight} of {self.value:.1f}>"

    def know(self, priority: int) -> None:
        """Take note of a priority that calls come with; the highest known has the whole limit."""
        self._top = max(self._top, priority)

    def enter(self, priority: int) -> bool:
        """Take a place; ``False`` when there is none for this priority."""
        share = 1 - (1 - _LEAST_SHARE) * (self._top - priority) / _PRIORITIES
        if self.in_flight >= max(1, int(self.value * self._part * share)):
            self._turned_away = True
            return False
        self.in_flight += 1
        return True

    def leave(self) -> None:
        """Give the place back."""
        self.in_flight -= 1

    def learn(self, queued: float, worked: float, now: float, *, lost: bool = False) -> None:
        """Learn from a call that ended: seconds in the queue and on the way, and at work.

        ``lost`` is one that ended at its deadline, or that the full queue refused.
        """
        if self._began is None:
            self._began = now
            self._probe_at = now + self._pause
        self._waits.append(queued)
        self._work += worked
        self._lost += lost
        calls, seconds = len(self._waits), now - self._began
        if calls < ENOUGH or seconds < WINDOW:
            return
        if seconds >= min(_LONGEST, (sum(self._waits) + self._work) / calls):
            self._judge(seconds)
            self._plan_probe(now)
            self._began, self._turned_away = now, False
            self._waits, self._work, self._lost = [], 0.0, 0

    def _judge(self, seconds: float) -> None:
        calls = len(self._waits)
        if self._lost > _MANY_LOST * calls:
            self._up = _MOST_UP
            self._set(self.value * _DOWN_BY)
            return
        self._best = max(calls / seconds, self._best * _FADE)
        shortest, known = min(self._waits), self._way
        self._way = min(known * _FORGET, shortest) if known else shortest
        if self._part < 1:
            # Half of a limit is no measure of it.
            self._pause = _PROBE_SOON if self._way < _DOUBTED * known else 2 * self._pause
            return
        unavoidable = self._way + self._work / calls
        # A quarter of them: a standing queue holds up everybody, a hiccup only some.
        self._waits.sort()
        wait = max(0.0, self._waits[calls // 4] - self._way)
        may = max(self.settings.floor, self.settings.tolerance * unavoidable)
        if wait > may:
            self._up = _MOST_UP
            less = self.value * max(_MOST_DOWN, (unavoidable + may) / (unavoidable + wait))
            self._set(max(less, self._best * unavoidable))
        elif self._turned_away:
            more = self.value + max(1.0, self._up * self.value) * (1 - wait / may)
            useful = _USEFUL * self._best * (unavoidable + may)
            self._set(max(self.value, min(more, useful)))

    def _plan_probe(self, now: float) -> None:
        """Halve the limit for one window when it is time, and only while it turns calls away."""
        if self._part < 1:
            self._part = 1.0
            self._probe_at = now + min(self._pause, _PROBE_LATE)
        elif self._turned_away and now >= self._probe_at:
            self._part = 0.5

    def _set(self, value: float) -> None:
        self.value = min(max(value, self.settings.at_least), self.settings.at_most)


class Limits:
    """The limits of all queues; they outlive a reload."""

    def __init__(self) -> None:
        self._limits: dict[str, Limit] = {}

    def __repr__(self) -> str:
        return f"<Limits {self._limits!r}>"

    def of(self, way: str, settings: LimitSettings) -> Limit:
        """Give the limit of a queue (or an exchange and key); a new one for other settings."""
        limit = self._limits.get(way)
        if limit is None or limit.settings != settings:
            limit = self._limits[way] = Limit(settings)
        return limit
