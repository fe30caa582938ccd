"""How late an event loop is: the one figure behind all answers that are late without a reason.

A loop that is held up reads nothing, answers nobody and ends no call at its deadline. What holds it
is either its own work (a large document, a blocking function in a coroutine) or the machine, which
gives the process no turn. The CPU time between two beats tells the two apart.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from contracts import logs

# Seconds between two beats. Ten a second cost about 0.1 % of a core.
EVERY: Final = 0.1
# Seconds of lag that are worth a line in the log.
WORTH_A_LINE: Final = 0.25

# Hears of each beat: seconds that it came too late, and seconds of CPU that the loop's thread used
# since the one before.
OnBeat = Callable[[float, float], None]


class Heartbeat:
    """Beats in the running loop, and tells how late each beat is.

    ``last`` is the time of the last beat, by ``time.monotonic``.
    """

    def __init__(self, on_beat: OnBeat, *, every: float = EVERY) -> None:
        self.last = time.monotonic()
        self.every = every
        self._on_beat = on_beat
        self._loop = asyncio.get_running_loop()
        self._cpu = time.thread_time()
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(every, self._beat)

    def __repr__(self) -> str:
        state = "stopped" if self._timer is None else f"every {self.every:g} s"
        return f"<Heartbeat {state}>"

    def stop(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self) -> None:
        now, cpu = time.monotonic(), time.thread_time()
        late, worked = max(0.0, now - self.last - self.every), cpu - self._cpu
        self.last, self._cpu = now, cpu
        self._timer = self._loop.call_later(self.every, self._beat)
        self._on_beat(late, worked)


def report(late: float, worked: float) -> None:
    """Write a line about a beat that was very late, and whose doing it was: an `OnBeat`."""
    if late >= WORTH_A_LINE:
        logs.bind(late_ms=round(late * 1000), cpu_ms=round(worked * 1000)).warning(
            "the event loop was held up for {:.0f} ms, {}", late * 1000, _whose(late, worked)
        )


def _whose(late: float, worked: float) -> str:
    if worked >= late / 2:
        return "by work of its own"
    return "without work of its own: it was blocked, or the machine gave it no turn"
