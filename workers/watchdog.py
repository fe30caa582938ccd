"""Tells which operation keeps the event loop to itself.

A coroutine that blocks stops the whole worker: nothing else runs, no deadline ends it, and the
broker hears nothing until it is over. It is the first mistake that everybody makes, and from
outside it looks like a slow broker. So a thread looks at the loop's heartbeat, and when it is
overdue, at the stack of the loop's thread. That costs nothing a call.
"""

import linecache
import sys
import threading
import time
from pathlib import Path
from types import CodeType, FrameType
from typing import Final, Self

from contracts import logs
from contracts.lag import EVERY, Heartbeat
from workers import binding, endpoint
from workers.endpoint import Endpoint

# Seconds for which an operation may keep the loop before it is told.
LIMIT: Final = 0.2
# Seconds between two lines about one operation.
PAUSE: Final = 60.0

_ANSWER: Final[CodeType] = Endpoint.answer.__code__
_OURS: Final = {binding.__name__, endpoint.__name__}


class Watchdog:
    """Warns of operations that block the running loop, as long as the ``with`` block lasts."""

    def __init__(self, *, limit: float = LIMIT, every: float = EVERY) -> None:
        self._limit = limit
        self._every = every
        self._stopped = threading.Event()
        self._told: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"<Watchdog limit={self._limit:g} s told={sorted(self._told)}>"

    def __enter__(self) -> Self:
        self._heart = Heartbeat(lambda _late, _worked: None, every=self._every)
        threading.Thread(
            target=self._watch, args=(threading.get_ident(),), name="watchdog", daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._heart.stop()
        self._stopped.set()

    def _watch(self, thread: int) -> None:
        seen, overdue = self._heart.last, 0.0
        slept, worked = time.monotonic(), time.process_time()
        while not self._stopped.wait(self._every):
            now, cpu = time.monotonic(), time.process_time()
            # A turn that came too late counts only for what this process worked in it: one that
            # was stopped, or a starved machine, held up us as well as the loop.
            turn = min(now - slept, max(self._every, cpu - worked))
            slept, worked = now, cpu
            if self._heart.last != seen:
                seen, overdue = self._heart.last, 0.0
                continue
            overdue += turn
            if overdue - self._every > self._limit:
                self._look(thread, overdue - self._every)

    def _look(self, thread: int, overdue: float) -> None:
        frame = sys._current_frames().get(thread)  # noqa: SLF001 - what faulthandler looks at too
        inner: FrameType | None = None
        while frame is not None and frame.f_code is not _ANSWER:
            if frame.f_globals.get("__name__") not in _OURS:
                inner = frame
            frame = frame.f_back
        if frame is None or inner is None:
            return  # the loop's own work, or ours: no operation is to blame
        self._tell(frame, inner, overdue)

    def _tell(self, answer: FrameType, inner: FrameType, overdue: float) -> None:
        known = answer.f_locals
        name = known["self"].operation.name
        now = time.monotonic()
        if now - self._told.get(name, -PAUSE) < PAUSE:
            return
        self._told[name] = now
        file, line = inner.f_code.co_filename, inner.f_lineno
        logs.bind(operation=name, request_id=known["context"].request_id).warning(
            "{} blocks the event loop, for {:.0f} ms by now, at {}:{} {!r}: meanwhile this worker "
            "answers nobody. Make it a plain function (def), which runs in a thread, or await",
            name,
            overdue * 1000,
            Path(file).name,
            line,
            linecache.getline(file, line).strip(),
        )
