"""Sends the items of a run: when each is due, so many at a time, those of one key in order."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import aclosing
from functools import partial
from typing import Any, Final

import msgspec

from ingress.compare.latency import Latency
from ingress.replay.ahead import ahead
from ingress.replay.hidden import Hiding
from ingress.replay.item import Item
from ingress.replay.keys import Key
from ingress.replay.ledger import Ledger
from ingress.replay.pace import AtOnce, Pace
from ingress.replay.runs import Runs, State
from ingress.replay.sinks.port import Prompt, Sent, Sink

# Calls that wait behind another one of their key: beyond, no further ones are looked at.
_HELD: Final = 10_000
# The share of the places that have to be free before they are filled again.
_SHARE: Final = 8
# So many calls in a row that could not even be sent: nobody is there.
_NOBODY: Final = 50
_SERVER_ERROR: Final = 500
_FORBIDDEN: Final = 403
# Between two looks at the clock while nothing is due, so that a stop is heard.
_MOST_SLEEP: Final = 0.5


class Tally:
    """How a run goes. ``total`` are all items; each ends in one of the counters below it.

    ``before`` were answered in an earlier part of this run, ``refused`` must not be sent,
    ``unknown`` were begun once and may have run. ``failed`` are without an answer, or with a 5xx
    where the original had none. ``stopped`` says why the run ended before its time.
    """

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self.before = 0
        self.refused = 0
        self.unknown = 0
        self.answered = 0
        self.failed = 0
        self.statuses: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.latency = Latency()
        self.seconds = 0.0
        self.stopped = ""

    def __repr__(self) -> str:
        return f"<Tally {self.passed}/{self.total} answered={self.answered} failed={self.failed}>"

    @property
    def passed(self) -> int:
        """How many items are dealt with."""
        return self.before + self.refused + self.unknown + self.sent

    @property
    def sent(self) -> int:
        """How many calls were sent, or tried to."""
        return self.answered + sum(self.errors.values())

    @property
    def rate(self) -> float:
        """Calls a second so far."""
        return self.sent / self.seconds if self.seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Give the counters as plain values."""
        names = ("total", "before", "refused", "unknown", "sent", "answered", "failed", "stopped")
        return {
            **{name: getattr(self, name) for name in names},
            "statuses": {str(status): many for status, many in sorted(self.statuses.items())},
            "errors": dict(self.errors.most_common()),
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
            "latency": msgspec.to_builtins(self.latency.quantiles()),
        }


class Replay:
    """One run, or the rest of one.

    Args:
        runs: the file in which it is written down.
        run: its name there.
        sink: where the calls go.
        pace: when they are due.
        key: what keeps its order; without it each call goes by itself.
        concurrency: how many may be on the way at one time.
        retry_unknown: send also what was begun once and may have run.
        hide: what takes out of answers what must not be kept.
    """

    def __init__(
        self,
        runs: Runs,
        run: str,
        sink: Sink,
        *,
        pace: Pace | None = None,
        key: Key | None = None,
        concurrency: int = 16,
        retry_unknown: bool = False,
        hide: Hiding | None = None,
    ) -> None:
        self._run = run
        self._sink = sink
        self._prompt = sink if isinstance(sink, Prompt) else None
        self._pace = pace or AtOnce()
        self._key = key
        self._concurrency = concurrency
        self._retry_unknown = retry_unknown
        self._states = runs.states(run)
        self._ledger = Ledger(runs, run, hide)
        self._lanes: dict[str, deque[Item]] = {}
        # What is to be sent next; what was written down and can be sent; who sends.
        self._next: list[tuple[Item, str]] = []
        self._ready: deque[tuple[Item, str]] = deque()
        self._senders: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._busy = 0
        # Below so many calls on the way it goes on.
        self._enough = concurrency
        self._broken: BaseException | None = None
        self._over = False
        self._clock = time.monotonic
        self._began = 0.0
        self._held = 0
        self._in_a_row = 0
        self._change = asyncio.Event()
        self._stop = asyncio.Event()
        self.tally = Tally()

    def __repr__(self) -> str:
        return f"<Replay {self._run} {self.tally!r}>"

    def stop(self, why: str) -> None:
        """Begin no further call; what is on the way is waited for."""
        self.tally.stopped = self.tally.stopped or why
        self._stop.set()
        self._change.set()

    async def play(self, items: Iterable[Item], total: int = 0) -> Tally:
        """Send them, in their order as far as the concurrency lets it be.

        Cancelled, it leaves at once: what was on the way is written down as begun.
        """
        tally = self.tally
        self._clock = clock = asyncio.get_running_loop().time
        tally.total, self._began, number, start = total, clock(), 0, 0.0
        try:
            async with aclosing(ahead(items)) as lists:
                async for some in lists:
                    for item in filter(self._is_due, some):
                        # From the first one on: reading takes its time, too.
                        start = start or clock()
                        await self._wait(start + self._pace.due(number, item.started))
                        if self._stop.is_set():
                            break
                        number += 1
                        self._place(item)
                    self._launch()
                    if self._stop.is_set():
                        break
            while self._busy:
                await self._fewer_than(1)
        finally:
            self._over = True
            senders = list(self._senders)
            for task in senders:
                task.cancel()
            await asyncio.gather(*senders, return_exceptions=True)
            tally.seconds = clock() - self._began
            self._ledger.close()
        self._check()
        return tally

    def _is_due(self, item: Item) -> bool:
        """Tell whether an item is to be sent; count it if it is not."""
        state = self._states.get(item.place)
        if state is State.ANSWERED:
            self.tally.before += 1
        elif state in {State.BEGUN, State.UNKNOWN} and not (item.safe or self._retry_unknown):
            self.tally.unknown += 1
        elif item.reasons:
            self.tally.refused += 1
        else:
            return True
        return False

    async def _wait(self, due: float) -> None:
        """Wait until an item is due and there is room for it."""
        most = self._concurrency
        while not self._stop.is_set():
            self._check()
            if self._busy + len(self._next) >= most or self._held >= _HELD:
                # Some at a time, since what is begun together is written down together.
                most = self._concurrency - self._concurrency // _SHARE
                self._launch()
                await self._fewer_than(most)
                continue
            left = due - self._clock()
            if left <= 0:
                return
            self._launch()
            await asyncio.sleep(min(left, _MOST_SLEEP))

    async def _fewer_than(self, enough: int) -> None:
        """Wait until fewer are on the way and few wait for their key, or for a stop."""
        self._check()
        self._enough = enough
        self._change.clear()
        await self._change.wait()

    def _check(self) -> None:
        """Raise what a call has raised: the file of runs cannot be written, say."""
        if self._broken is not None:
            raise self._broken

    def _place(self, item: Item) -> None:
        """Put an item behind the one of its key that is on the way, or among the next to go."""
        key = self._key(item) if self._key else ""
        if key in self._lanes:
            self._lanes[key].append(item)
            self._held += 1
            return
        if key:
            self._lanes[key] = deque()
        self._next.append((item, key))

    def _launch(self) -> None:
        """Send the next ones; those that change something are written down before, together."""
        if not self._next:
            return
        unsafe = [item for item, _ in self._next if not item.safe]
        if unsafe:
            self._ledger.begin(unsafe)
        self._busy += len(self._next)
        for item, key in self._next:
            if (
                not key
                and self._prompt
                and self._prompt.begin(item, self._run, partial(self._told, item))
            ):
                continue
            self._ready.append((item, key))
            if self._idle:
                self._idle.pop().set_result(None)
            else:
                sender = asyncio.create_task(self._send())
                self._senders.add(sender)
                sender.add_done_callback(self._done)
        self._next = []

    def _told(self, item: Item, sent: Sent) -> None:
        """Take what came of a call that was sent without a task."""
        if self._over:
            return
        try:
            self._end(item, sent)
        except Exception as error:  # noqa: BLE001 - it is raised by the run
            self._broken = self._broken or error
            self._change.set()
        self._free()

    def _done(self, sender: asyncio.Task[None]) -> None:
        self._senders.discard(sender)
        error = None if sender.cancelled() else sender.exception()
        self._broken = self._broken or error
        self._change.set()

    async def _send(self) -> None:
        """Send what is ready, one after another; a task for each call would cost more than that."""
        loop = asyncio.get_running_loop()
        while True:
            while self._ready:
                item, key = self._ready.popleft()
                try:
                    await self._one(item)
                    if key:
                        await self._rest_of(key)
                finally:
                    self._free()
            free = loop.create_future()
            self._idle.append(free)
            await free

    async def _rest_of(self, key: str) -> None:
        """Send what came meanwhile with the same key."""
        lane = self._lanes[key]
        try:
            while lane and not self._stop.is_set():
                self._held -= 1
                if self._held < _HELD:
                    self._change.set()
                item = lane.popleft()
                if not item.safe:
                    self._ledger.begin([item])
                await self._one(item)
        finally:
            self._held -= len(self._lanes.pop(key))

    def _free(self) -> None:
        """Give a place back."""
        self._busy -= 1
        if self._busy < self._enough and self._held < _HELD:
            self._change.set()

    async def _one(self, item: Item) -> None:
        self._end(item, await self._sink.send(item, self._run))

    def _end(self, item: Item, sent: Sent) -> None:
        if _was_turned_away(sent):
            sent = Sent(msgspec.structs.replace(sent.answer, status=0, error="403"), left=False)
        self._ledger.end(item, sent)
        self._count(item, sent)
        self.tally.seconds = self._clock() - self._began

    def _count(self, item: Item, sent: Sent) -> None:
        tally, answer = self.tally, sent.answer
        self._in_a_row = 0 if sent.left else self._in_a_row + 1
        if answer.status:
            tally.answered += 1
            tally.statuses[answer.status] += 1
            tally.latency.add(answer.seconds)
            tally.failed += answer.status >= _SERVER_ERROR > item.before.status
            return
        tally.errors[answer.error] += 1
        tally.failed += 1
        if answer.error == "403":
            self.stop(_detail(answer.body))
        elif self._in_a_row >= _NOBODY:
            self.stop(answer.error)


def _was_turned_away(sent: Sent) -> bool:
    """Tell whether a gateway did not believe that this is a replay; then nothing has run."""
    answer = sent.answer
    return answer.status == _FORBIDDEN and answer.code == "forbidden" and b"replay" in answer.body


def _detail(body: bytes) -> str:
    detail = msgspec.json.decode(body).get("detail", "")
    hint = "its route file and the one here need the same `replay: {key: ...}`"
    return f"the gateway refused it: {detail}; {hint}"
