"""Whether the machine let the gateways work: else an answer that is late says nothing of them."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Final, Self

from bench import proc

# Seconds between two looks.
_EVERY: Final = 0.02


class Turns:
    """Writes down for how long each gateway waited for a CPU, from its begin to its end.

    ``pids`` gives the process of each gateway now, by public port. A process that takes the place
    of another goes on with its account.
    """

    def __init__(
        self,
        pids: Callable[[], Mapping[int, int]],
        *,
        starved: Callable[[int], float] = proc.starved_seconds,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pids = pids
        self._starved = starved
        self._clock = clock
        self._times: list[float] = []
        # For each port, one sum for each of the times.
        self._sums: dict[int, list[float]] = {}
        self._last: dict[int, tuple[int, float]] = {}
        self._stolen = proc.stolen_seconds()
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Turns {len(self._times)} looks at {sorted(self._sums)}>"

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def starved(self, port: int, begin: float, end: float) -> float:
        """Give the seconds for which a gateway waited for a CPU between two moments."""
        sums = self._sums.get(port)
        if not sums:
            return 0.0
        last = len(self._times) - 1
        first = max(0, bisect_left(self._times, begin) - 1)
        return sums[min(bisect_left(self._times, end), last)] - sums[first]

    def cost(self, port: int, sent: float, timeout: float, answered: float) -> float:
        """Give the seconds by which the machine made an answer late.

        A gateway that has no turn reads a request late, so that its time begins late; and it ends
        the call late. What it waits in between costs the client nothing.
        """
        late = answered - sent - timeout
        if late <= 0:
            return 0.0
        if late >= timeout:
            return self.starved(port, sent, answered)
        begin = self.starved(port, sent, sent + late)
        return begin + self.starved(port, sent + timeout, answered)

    def worst(self) -> float:
        """Give the longest wait of any gateway within one second."""
        return max(
            (self.starved(port, at, at + 1) for port in self._sums for at in self._times[::10]),
            default=0.0,
        )

    def share(self) -> float:
        """Give the share of the time in which the gateways waited, on average, in percent."""
        if len(self._times) < 2 or not self._sums:
            return 0.0
        whole = sum(sums[-1] - sums[0] for sums in self._sums.values())
        return 100 * whole / len(self._sums) / (self._times[-1] - self._times[0])

    def stolen(self) -> float:
        """Give the seconds of CPU time that the host took from this machine."""
        return proc.stolen_seconds() - self._stolen

    def look(self) -> None:
        """Write down how it is now."""
        self._times.append(self._clock())
        for port, pid in self._pids().items():
            sums = self._sums.setdefault(port, [0.0] * (len(self._times) - 1))
            now = self._starved(pid)
            known, before = self._last.get(port, (pid, now))
            since = max(0.0, now - before) if known == pid else now
            self._last[port] = (pid, now)
            sums.append((sums[-1] if sums else 0.0) + since)
        for sums in self._sums.values():
            if len(sums) < len(self._times):  # its gateway is not there at this moment
                sums.append(sums[-1])

    async def _watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(_EVERY)
