"""Timeouts of many calls with one timer of the event loop.

Nearly every call is answered long before its time, so a timer of its own is
made, put in order and cancelled for nothing: that cost a call more than its
correlation. Here a call is put into a bucket with all others that end in the
same few milliseconds, and taken out of it again: two accesses to a dict.
Kafka's and Netty's timing wheels are the same idea.
"""

import asyncio
from asyncio import Future
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

# How late an alarm may be, in seconds: nothing beside the network that the call came by.
RESOLUTION: Final = 0.005

_PER_SECOND: Final = 1 / RESOLUTION

# By the number of the call.
Bucket = dict[int, Future[Any]]


class Alarms:
    """Rings for futures that nobody has taken out of their bucket in time.

    ``bucket = alarms.bucket(seconds)``, then ``bucket[number] = future``, and
    when it is over ``del bucket[number]``. ``ring(future)`` is called for
    what is left, at most :data:`RESOLUTION` seconds after its time. For one
    event loop, that of the first call.
    """

    __slots__ = ("_buckets", "_due", "_loop", "_ring", "_timer")

    def __init__(self, ring: Callable[[Future[Any]], None]) -> None:
        self._ring = ring
        self._loop: asyncio.AbstractEventLoop | None = None
        self._buckets: dict[int, Bucket] = {}
        # The keys of the buckets, the earliest first.
        self._due: list[int] = []
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Alarms {sum(map(len, self._buckets.values()))} in {len(self._buckets)} buckets>"

    def bucket(self, seconds: float) -> Bucket:
        """Give the bucket of what ends in ``seconds`` from now."""
        loop = self._loop or self._begin()
        # Rounded up: never before its time.
        key = int((loop.time() + seconds) * _PER_SECOND) + 1
        return self._buckets.get(key) or self._open(loop, key)

    def _begin(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.get_running_loop()
        return self._loop

    def _open(self, loop: asyncio.AbstractEventLoop, key: int) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = {}
            heappush(self._due, key)
            if self._due[0] == key:
                self._set_timer(loop)
        return bucket

    def _set_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._due[0] / _PER_SECOND, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        # The loop may wake up by its clock's resolution too early: half a bucket is more than that.
        now = loop.time() * _PER_SECOND + 0.5
        while self._due and self._due[0] <= now:
            for future in self._buckets.pop(heappop(self._due)).values():
                self._ring(future)
        if self._due:
            self._set_timer(loop)
