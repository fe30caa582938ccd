"""What can be done with dead letters: count, look, send again, drop. For commands and admin port.

A queue is worked through by hand (``Broker.pull``), up to as many messages as it held at the
beginning, so that a letter which dies again at once is not met again. Whatever is not settled is
back in its place at the end, however it ends. A letter is published with a confirm and acked after
it: a process that is killed in between leaves a duplicate, never a gap.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import msgspec

from contracts.brokers.confirmed import publish_confirmed
from contracts.brokers.port import Broker, Delivery
from contracts.dead_letter import Letter, dead_queue, read, requeued
from contracts.deadline import now_ms
from contracts.fault import Fault
from ingress.fixed.sections import OWN
from ingress.letters import EVERY, Filter
from ingress.plan import Plan

# Letters that are looked at to tell a queue's reasons and ages, a round trip each (a second or two
# for all of them); the count is always whole.
SURVEY: Final = 2_000
# Seconds that the broker has to confirm one letter.
CONFIRM: Final = 30.0
# Failures that are told one by one; the others are counted.
TOLD: Final = 100
# What ends the work, since the next letter would fail as well.
_FATAL: Final = frozenset({"broker_down", "broker_blocked"})


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What a dead-letter queue holds.

    ``messages`` counts all that are ready, ``reasons`` those of the ``looked`` first. ``oldest``
    and ``newest`` are the times of death in Unix milliseconds, 0 when nobody knows.
    """

    queue: str
    messages: int
    looked: int
    reasons: dict[str, int]
    oldest: int
    newest: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with the letters that fit.

    ``to`` is another queue than the one that each letter came from. ``timeout`` in seconds gives
    the messages a new deadline. ``rate`` is letters a second, ``limit`` how many at most,
    ``patience`` the seconds after which no further letter is begun. A ``dry_run`` changes nothing.
    """

    filter: Filter = EVERY
    to: str = ""
    timeout: float | None = None
    rate: float | None = None
    limit: int | None = None
    patience: float | None = None
    dry_run: bool = False


class Tally:
    """What became of an order: it counts while the work goes on.

    ``failed`` letters are still where they were; the first of them are in ``failures`` with why.
    ``stopped`` says why the work ended before its time.
    """

    __slots__ = ("done", "failed", "failures", "fitting", "looked", "stopped", "total")

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self.looked = 0
        self.fitting = 0
        self.done = 0
        self.failed = 0
        self.failures: list[tuple[str, str]] = []
        self.stopped = ""

    def __repr__(self) -> str:
        end = f" stopped: {self.stopped}" if self.stopped else ""
        return (
            f"<Tally looked={self.looked}/{self.total} fitting={self.fitting} done={self.done}"
            f" failed={self.failed}{end}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Give the counters as plain values."""
        names = ("total", "looked", "fitting", "done", "failed", "failures", "stopped")
        return {name: getattr(self, name) for name in names}

    def fail(self, letter: Letter, why: str) -> None:
        """Count a letter that stays where it is."""
        self.failed += 1
        if len(self.failures) < TOLD:
            self.failures.append((letter.id, why))


# Called after each letter that was dealt with: where it went, or "", and why it failed, or "".
OnStep = Callable[[Tally, Letter, str, str], None]
Act = Callable[[Delivery, Letter], Awaitable[str]]
Walk = AsyncGenerator[tuple[Delivery, Letter], None]


def queues_of(plans: Iterable[Plan]) -> list[str]:
    """Name the dead-letter queues of the services that these plans call.

    Behind an exchange the queue's name is not known; a worker calls it after its service.
    """
    queues = dict.fromkeys(
        plan.target.operation.partition(".")[0] if plan.target.exchange else plan.target.routing_key
        for plan in plans
        if plan.target.operation != OWN
    )
    return [dead_queue(queue) for queue in queues]


def queue_of(name: str) -> str:
    """Name the dead-letter queue that is meant.

    ``orders`` means ``orders.dead``: a slip must not drop the work that waits in ``orders``.
    """
    return name if name.endswith(dead_queue("")) else dead_queue(name)


async def survey(broker: Broker, queue: str, *, most: int = SURVEY) -> Survey | None:
    """Count what a queue holds, by reason; ``None``: there is no such queue."""
    stats = await broker.stats(queue)
    if stats is None:
        return None
    reasons: Counter[str] = Counter()
    times = []
    async with _opened(broker, queue, min(most, stats.messages)) as walk:
        async for _, letter in walk:
            reasons[letter.last.reason] += 1
            if letter.last.at:
                times.append(letter.last.at)
    return Survey(
        queue=queue,
        messages=stats.messages,
        looked=reasons.total(),
        reasons=dict(reasons.most_common()),
        oldest=min(times, default=0),
        newest=max(times, default=0),
    )


async def look(broker: Broker, queue: str, wanted: Filter, *, limit: int) -> list[Letter]:
    """Give the first ``limit`` letters that fit, the oldest first; changes nothing.

    Raises Fault ``no_route`` when there is no such queue.
    """
    found: list[Letter] = []
    async with _opened(broker, queue, await _count(broker, queue)) as walk:
        async for _, letter in walk:
            if wanted.fits(letter, now_ms()):
                found.append(letter)
            if len(found) >= limit:
                break
    return found


async def requeue(
    broker: Broker,
    queue: str,
    order: Order,
    on_step: OnStep | None = None,
    into: Tally | None = None,
) -> Tally:
    """Send the letters that fit to the queue they came from, or to ``order.to``.

    Raises Fault ``no_route`` when there is no such queue; all that goes wrong later is in the
    tally. ``into`` is a tally to count in, for who wants to know how far a cancelled order got.
    """

    async def send(delivery: Delivery, letter: Letter) -> str:
        target = order.to or letter.last.queue
        if not target:
            raise Fault("no_route", "it does not say where it came from")
        if target == queue:
            raise Fault("no_route", f"{queue} is where it is")
        again = requeued(letter, timeout=order.timeout)
        await publish_confirmed(broker, again, routing_key=target, within=CONFIRM)
        # Not before: until here a crash leaves the letter where it is.
        delivery.ack()
        return target

    return await _carry_out(broker, queue, order, send, on_step, into or Tally())


async def drop(
    broker: Broker,
    queue: str,
    order: Order,
    on_step: OnStep | None = None,
    into: Tally | None = None,
) -> Tally:
    """Delete the letters that fit, for good. Raises and counts as :func:`requeue` does."""

    async def forget(delivery: Delivery, _: Letter) -> str:
        delivery.ack()
        return ""

    return await _carry_out(broker, queue, order, forget, on_step, into or Tally())


async def _carry_out(
    broker: Broker, queue: str, order: Order, act: Act, on_step: OnStep | None, tally: Tally
) -> Tally:
    tally.total = await _count(broker, queue)
    pace = _Pace(order.rate, order.patience)
    async with _opened(broker, queue, tally.total) as walk:
        try:
            async for delivery, letter in walk:
                tally.looked += 1
                if not order.filter.fits(letter, now_ms()):
                    continue
                tally.fitting += 1
                if not order.dry_run:
                    await pace.wait()
                    await _step(delivery, letter, act, on_step, tally)
                if tally.fitting == order.limit:
                    break
                if pace.over:
                    tally.stopped = f"{order.patience:g} s are over"
                    break
        except Fault as fault:
            tally.stopped = str(fault)
    return tally


async def _step(
    delivery: Delivery, letter: Letter, act: Act, on_step: OnStep | None, tally: Tally
) -> None:
    target, fault = "", None
    try:
        target = await act(delivery, letter)
        tally.done += 1
    except Fault as failure:
        fault = failure
        tally.fail(letter, str(fault))
    if on_step is not None:
        on_step(tally, letter, target, str(fault or ""))
    if fault is not None and fault.code in _FATAL:
        raise fault


class _Pace:
    """So many a second, and none after the patience is over."""

    def __init__(self, rate: float | None, patience: float | None) -> None:
        self._clock = asyncio.get_running_loop().time
        self._step = 1 / rate if rate else 0.0
        self._next = self._clock()
        self._end = self._next + patience if patience is not None else float("inf")

    @property
    def over(self) -> bool:
        return self._clock() + self._step > self._end

    async def wait(self) -> None:
        now = self._clock()
        if self._next > now:
            await asyncio.sleep(self._next - now)
        self._next = max(now, self._next) + self._step


@asynccontextmanager
async def _opened(broker: Broker, queue: str, count: int) -> AsyncIterator[Walk]:
    """Open a walk over a queue; what it took and nobody settled goes back to its place."""
    pull = await broker.pull(queue)

    async def walk() -> Walk:
        for _ in range(count):
            delivery = await pull.take()
            if delivery is None:
                return
            yield delivery, read(delivery.message)

    try:
        async with aclosing(walk()) as steps:
            yield steps
    finally:
        await pull.close()


async def _count(broker: Broker, queue: str) -> int:
    stats = await broker.stats(queue)
    if stats is None:
        raise Fault("no_route", f"there is no queue {queue}")
    return stats.messages
