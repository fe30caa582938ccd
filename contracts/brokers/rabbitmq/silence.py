"""Finding out that the other end is there no more.

A broker that is frozen, or behind a cable that is cut, closes nothing. It owes
a sign of life each half heartbeat interval (AMQP 0-9-1 section 2.3.7); after
two intervals without one the connection is taken for dead. aiormq takes
three times (heartbeat + 1) seconds, and looks only each half interval.
"""

import asyncio
from collections.abc import Callable
from typing import Final

# Silence of so many heartbeat intervals is the end.
INTERVALS: Final = 2
# If we come late to look by this share of an interval, it was we who were away: look once more,
# after having read.
_LATE: Final = 0.1


class Silence:
    """Calls ``on_silence(seconds)`` when nothing was heard for two heartbeat intervals.

    Who hears something writes the time into ``heard_at``: a timer that is
    moved at each frame would cost more than all else that is done for one.
    """

    __slots__ = ("_on_silence", "_timer", "heard_at", "heartbeat")

    def __init__(self, on_silence: Callable[[float], None]) -> None:
        self.heard_at = 0.0
        self.heartbeat = 0.0
        self._on_silence = on_silence
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Silence {'watched' if self._timer else 'not watched'}, {self.heartbeat:g} s>"

    def start(self, heartbeat: float) -> None:
        """Watch from now on; ``heartbeat`` is in seconds, 0 for never."""
        if heartbeat > 0:
            self.heartbeat = heartbeat
            self.heard_at = asyncio.get_running_loop().time()
            self._look_at(self.heard_at + INTERVALS * heartbeat)

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at(self, when: float) -> None:
        self._timer = asyncio.get_running_loop().call_at(when, self._look, when)

    def _look(self, due: float) -> None:
        now = asyncio.get_running_loop().time()
        limit = INTERVALS * self.heartbeat
        if now - self.heard_at < limit:
            self._look_at(self.heard_at + limit)
        elif now - due > _LATE * self.heartbeat:
            self._look_at(now + _LATE * self.heartbeat)
        else:
            self._timer = None
            self._on_silence(limit)
