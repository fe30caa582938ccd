"""Writes records, away from the path of requests: a bounded queue, a thread, and a store.

The event loop's thread puts what ended into a queue, and the thread writes what came within an
interval in one batch. Who makes the record depends on its size. A small one is made at once, while
all of it is at hand: to keep a Flow alive, and to share the interpreter's lock with a thread that
computes, costs a request several times as much. What holds large bodies, or is to be encrypted, is
left to the thread, for a request must not wait for another one's megabytes. A store that
fails, because the disk is full or the file locked, is tried again until it is well; meanwhile the
queue fills up, and then requests are recorded no more, and counted. Nothing that happens here
reaches a request, unless ``push_back`` asks for it.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Final, Protocol

from ingress.flow import Flow
from ingress.journal.entry import Entry
from ingress.journal.record import JournalError


class Store(Protocol):
    """Where records are written; one thread at a time."""

    def write(self, records: Sequence[Entry]) -> int:
        """Write records, all or none, and give how many bytes they are.

        Raises ``JournalError``; it may be tried again.
        """
        ...

    def tidy(self) -> bool:
        """Do a slice of the work that keeps the store small; says whether there is more.

        Raises ``JournalError``.
        """
        ...

    def close(self) -> None:
        """Leave."""
        ...


class Meter(Protocol):
    """What is told of the writing, for metrics; called on both threads."""

    def written(self, records: int, size: int) -> None: ...

    def dropped(self, records: int) -> None: ...

    def failed(self) -> None: ...

    def waiting(self, records: int) -> None: ...


class Bounds:
    """How much may wait, and how long. ``interval`` and ``pause`` in seconds, ``size`` in bytes.

    ``pause`` is between two attempts to write to a store that failed.
    """

    __slots__ = ("count", "interval", "pause", "size")

    def __init__(
        self,
        *,
        count: int = 20_000,
        size: int = 64 * 1024**2,
        interval: float = 0.2,
        pause: float = 1.0,
    ) -> None:
        self.count = count
        self.size = size
        self.interval = interval
        self.pause = pause

    def __repr__(self) -> str:
        return f"<Bounds {self.count} records, {self.size} bytes, {self.interval:.3f} s>"


# Records that are made in one go. A thread that computes keeps the event loop's thread from
# running for up to 5 ms at a time, so it goes in steps and lets go between them: small enough for
# a request not to notice, and large enough that the changing hands costs little.
_STEP: Final = 64
_BREATH: Final = 0.0002
# Records that are written in one transaction, unless more end in one turn of the event loop.
_BATCH: Final = 4000
# Seconds between two looks at whether the store has to be made smaller, and what that may take of
# each turn.
_TIDY: Final = 10.0
_TIDYING: Final = 0.05
# Bytes that a Flow takes in memory besides its bodies, and an entry besides its record, roughly.
_FLOW: Final = 2048
_ENTRY: Final = 512


# What one turn of the event loop left to be written, and its bytes.
_Turn = tuple[int, list[Flow | Entry]]


class Writer:
    """Takes finished Flows, and writes their records.

    ``compose`` makes a record, on the thread; ``at_once`` does so where the request ends, or says
    ``None`` because it would take too long. ``report(level, text)`` writes a line into the log:
    once when the store fails, and once when it is well again.
    """

    def __init__(
        self,
        store: Store,
        compose: Callable[[Flow], Entry],
        *,
        at_once: Callable[[Flow], Entry | None] = lambda _: None,
        meter: Meter,
        report: Callable[[str, str], None],
        bounds: Bounds = Bounds(),  # noqa: B008 - it is immutable
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._compose = compose
        self._at_once = at_once
        self._meter = meter
        self._report = report
        self._bounds = bounds
        self._tick = tick
        self._queue: deque[_Turn] = deque()
        # Records and bytes that came and went, and records that were lost. Each is counted by one
        # thread alone, the first of a pair by that of the event loop.
        self._put = 0
        self._taken = 0
        self._came = 0
        self._went = 0
        self._refused = 0
        self._spoilt = 0
        self._told = 0
        # Records that were made on the thread.
        self._made = 0
        self._awake = False
        self._wake = Event()
        self._stop = Event()
        self._trouble = ""
        self._tidy_at = 0.0
        self._own_thread = Thread(target=self._run, name="journal", daemon=True)

    def __repr__(self) -> str:
        state = f"failing: {self._trouble}" if self._trouble else "well"
        return f"<Writer {state}, {self._waiting} waiting, {self._lost} lost>"

    @property
    def trouble(self) -> str:
        """Why nothing can be written now; empty when all is well."""
        return self._trouble

    @property
    def full(self) -> bool:
        """Whether there is no room for another request."""
        return self._waiting >= self._bounds.count or self._came - self._went > self._bounds.size

    def start(self) -> None:
        """Begin to write."""
        self._own_thread.start()

    def keep(self, flows: list[Flow]) -> None:
        """Take finished Flows. Never waits and never raises; on the event loop's thread."""
        room = self._bounds.count - self._waiting
        space = self._bounds.size - (self._came - self._went)
        came = 0
        turn: list[Flow | Entry] = []
        for flow in flows:
            if len(turn) >= room or came > space:
                self._refused += 1
                continue
            try:
                made = self._at_once(flow)
            except Exception as error:  # noqa: BLE001 - as on the thread
                self._refused += 1
                self._tell(flow.call.id, error)
                continue
            if made is not None:
                came += len(made.stored) + _ENTRY
                turn.append(made)
            else:
                came += _size(flow)
                turn.append(flow)
        if turn:
            self._put += len(turn)
            self._came += came
            self._queue.append((came, turn))
            if not self._awake:
                self._awake = True
                self._wake.set()

    def stop(self, within: float) -> bool:
        """Write what waits, and end; says whether that was done in so many seconds. Blocks."""
        self._stop.set()
        self._wake.set()
        if self._own_thread.is_alive():
            self._own_thread.join(within)
        return not (self._own_thread.is_alive() or self._waiting)

    @property
    def _waiting(self) -> int:
        return self._put - self._taken

    @property
    def _lost(self) -> int:
        return self._refused + self._spoilt

    def _run(self) -> None:
        try:
            # So that a journal that cannot be written is told of at the start.
            self._write([])
            while not self._stop.is_set():
                self._turn()
            self._write_all()
        finally:
            self._store.close()

    def _turn(self) -> None:
        """Wait for something to do, and do it. Never raises, or nothing would be recorded again."""
        self._wake.wait(max(0.0, self._tidy_at - time.monotonic()))
        # Others come meanwhile, and a batch costs less than its parts.
        if self._waiting < _BATCH:
            self._stop.wait(self._bounds.interval)
        self._wake.clear()
        self._awake = False
        try:
            self._tick()
            self._write_all()
            self._keep_small()
        except Exception as error:  # noqa: BLE001 - whatever it is, requests are still to be recorded
            self._fails(_where(error))
            self._stop.wait(self._bounds.pause)

    def _write_all(self) -> None:
        """Write what is there now; what comes meanwhile is for the next time."""
        turns = len(self._queue)
        records: list[Entry] = []
        while turns > 0:
            # Not all at once, for the memory's sake.
            if records and len(records) + len(self._queue[0][1]) > _BATCH:
                self._write(records)
                records = []
            self._take(records)
            turns -= 1
        if records:
            self._write(records)
        self._meter.waiting(self._waiting)
        lost = self._lost
        if lost > self._told:
            self._meter.dropped(lost - self._told)
        self._told = lost

    def _take(self, records: list[Entry]) -> None:
        """Add the records of the turn that waits longest."""
        size, turn = self._queue.popleft()
        self._went += size
        self._taken += len(turn)
        for item in turn:
            if isinstance(item, Entry):
                records.append(item)
                continue
            try:
                records.append(self._compose(item))
            except Exception as error:  # noqa: BLE001 - one that cannot be made harms no other
                self._spoilt += 1
                self._tell(item.call.id, error)
            self._made += 1
            if self._made % _STEP == 0:
                time.sleep(_BREATH)

    def _write(self, records: list[Entry]) -> None:
        """Write a batch, again and again until it is written or time is up."""
        while True:
            try:
                size = self._store.write(records)
            except JournalError as error:
                self._fails(str(error))
                if self._stop.wait(self._bounds.pause):
                    self._spoilt += len(records)
                    return
            except Exception as error:  # noqa: BLE001 - one that no store can hold harms no other
                self._sift(records, error)
                return
            else:
                self._meter.written(len(records), size)
                self._is_well()
                return

    def _sift(self, records: list[Entry], error: Exception) -> None:
        """Find the record that could not be written, and write the others."""
        if len(records) > 1:
            for record in records:
                self._write([record])
            return
        for record in records:
            self._spoilt += 1
            self._tell(record.id, error)

    def _tell(self, what: str, error: Exception) -> None:
        self._report("ERROR", f"the journal cannot record {what}: {_where(error)}")

    def _keep_small(self) -> None:
        """Do some of the deleting that is due; what is left is for the next turn."""
        begun = time.monotonic()
        if begun < self._tidy_at:
            return
        try:
            while self._store.tidy():
                if time.monotonic() - begun > _TIDYING:
                    return
        except Exception as error:  # noqa: BLE001 - whatever it is, requests are still to be recorded
            self._fails(str(error) if isinstance(error, JournalError) else _where(error))
        self._tidy_at = time.monotonic() + _TIDY

    def _fails(self, why: str) -> None:
        self._meter.failed()
        if why != self._trouble:
            self._trouble = why
            self._report("ERROR", f"the journal cannot be written, requests go on: {why}")

    def _is_well(self) -> None:
        if self._trouble:
            self._trouble = ""
            self._report("INFO", f"the journal is written again; {self._lost} records were lost")


def _size(flow: Flow) -> int:
    """Give about how many bytes a Flow takes in memory."""
    return _FLOW + len(flow.call.body) + flow.bytes_out


def _where(error: Exception) -> str:
    """Say what went wrong and where; not the error's own words, which may quote a request."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
