"""Requests at a given rate, whatever becomes of those before: as many clients send them.

A closed loop, in which each client waits for its answer, slows down with what it measures and never
overloads anything.
"""

import asyncio
import time
from collections import deque

import msgspec

from tests.harness.http import Connection, GoneError

# Seconds after which a client gives up.
PATIENCE = 10.0


class Sample(msgspec.Struct):
    """One request: when it was due, its status (0: none) and its time in seconds."""

    due: float
    path: str
    status: int
    took: float


class OpenLoop:
    """Sends ``rate`` requests a second to the port, the paths in turn, for ``seconds``."""

    def __init__(self, port: int, paths: tuple[str, ...], rate: float, seconds: float) -> None:
        self._port = port
        self._paths = paths
        self._rate = rate
        self._seconds = seconds
        self._free: deque[Connection] = deque()
        self.samples: list[Sample] = []
        # How late requests were sent, in seconds: the generator's own weakness.
        self.lags: list[float] = []

    async def run(self) -> list[Sample]:
        """Send them all, wait for the answers, and give what came of each."""
        began = time.perf_counter()
        tasks = set()
        for number in range(int(self._rate * self._seconds)):
            due = number / self._rate
            early = began + due - time.perf_counter()
            if early > 0:
                await asyncio.sleep(early)
            self.lags.append(max(0.0, time.perf_counter() - began - due))
            task = asyncio.create_task(self._one(due, self._paths[number % len(self._paths)]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks)
        while self._free:
            self._free.pop().close()
        return self.samples

    async def _one(self, due: float, path: str) -> None:
        connection = self._free.pop() if self._free else await Connection.open(self._port)
        began, status = time.perf_counter(), 0
        try:
            async with asyncio.timeout(PATIENCE):
                status = (await connection.ask("GET", path)).status
        except (OSError, GoneError, TimeoutError):
            connection.close()
        else:
            if connection.reusable:
                self._free.append(connection)
            else:
                connection.close()
        self.samples.append(Sample(due, path, status, time.perf_counter() - began))
