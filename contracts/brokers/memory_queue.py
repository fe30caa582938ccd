"""A queue with a broker's manners, in memory.

Modelled on RabbitMQ's classic queue: consumers compete in turn, each with its
credit; what comes back goes to the place where it was; a message expires only
when it is at the head, so one with a long life in front holds up the others.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from contracts.brokers.call_back import call_back
from contracts.brokers.port import Message, OnDelivery, Queue

# How many deliveries one turn of the event loop may bring: a long queue must not stop the rest.
BATCH: Final = 100

OnDead = Callable[[Queue, "Entry", str], None]
Republish = Callable[[Message, str], None]


class Entry:
    """A message in a queue, with what the queue knows of it."""

    __slots__ = ("expires", "message", "position", "rank", "redelivered", "routing_key")

    def __init__(self, message: Message, routing_key: str, position: int, expires: float) -> None:
        self.message = message
        self.routing_key = routing_key
        self.position = position
        self.expires = expires
        self.redelivered = False
        # Lower ones are handed out first.
        self.rank = 0

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among the others."""
        return self.rank, self.position


class Consumer:
    """One who takes from a queue, with at most ``prefetch`` unsettled (0: no limit)."""

    __slots__ = ("active", "auto_ack", "on_delivery", "owner", "prefetch", "queue", "unsettled")

    def __init__(
        self,
        queue: "MemoryQueue",
        on_delivery: OnDelivery,
        *,
        prefetch: int,
        owner: object,
        auto_ack: bool = False,
    ) -> None:
        self.queue = queue
        self.on_delivery = on_delivery
        self.prefetch = prefetch
        self.owner = owner
        self.auto_ack = auto_ack
        self.active = True
        self.unsettled: dict[int, Entry] = {}

    @property
    def credit(self) -> float:
        """How many more deliveries it takes."""
        if not self.active:
            return 0
        return self.prefetch - len(self.unsettled) if self.prefetch else float("inf")


class MemoryDelivery:
    """A delivery of the embedded broker."""

    __slots__ = ("_consumer", "_entry", "_republish", "queue", "redelivered")

    def __init__(self, consumer: Consumer, entry: Entry, republish: Republish) -> None:
        self._consumer = consumer
        self._entry = entry
        self._republish = republish
        self.queue = consumer.queue.settings.name
        self.redelivered = entry.redelivered

    def __repr__(self) -> str:
        open_ = "" if self._live else " settled"
        return f"<MemoryDelivery {self.queue} {self._entry.message.correlation_id!r}{open_}>"

    @property
    def message(self) -> Message:
        """The message as published."""
        return self._entry.message

    @property
    def _live(self) -> bool:
        return self._entry.position in self._consumer.unsettled

    def publish(self, message: Message, routing_key: str) -> None:
        """Publish in order with the settlement."""
        if self._live:
            self._republish(message, routing_key)

    def ack(self) -> None:
        """Say that the message is dealt with."""
        if self._consumer.unsettled.pop(self._entry.position, None):
            self._consumer.queue.wake()

    def reject(self, *, requeue: bool) -> None:
        """Give it back, or let it go to the dead letters."""
        if self._consumer.unsettled.pop(self._entry.position, None):
            self._consumer.queue.take_back([self._entry], requeue=requeue)


class MemoryQueue:
    """One named queue. ``owner`` is set for an exclusive one."""

    def __init__(
        self,
        settings: Queue,
        on_dead: OnDead,
        republish: Republish,
        *,
        owner: object | None = None,
    ) -> None:
        self.settings = settings
        self.owner = owner
        self.deleted = False
        self.ready: deque[Entry] = deque()
        # In the order of their turn.
        self.consumers: deque[Consumer] = deque()
        self._on_dead = on_dead
        self._republish = republish
        self._position = 0
        # Entries from here on were not yet offered to anybody: "deliver now or not at all".
        self._offered = 0
        self._woken = False
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        name = self.settings.name
        return f"<MemoryQueue {name} ready={len(self.ready)} consumers={len(self.consumers)}>"

    @property
    def full(self) -> bool:
        """Whether it refuses more: what a consumer would take at once does not count."""
        limit = self.settings.max_length
        if limit is None:
            return False
        return len(self.ready) >= limit + sum(one.credit for one in self.consumers)

    def put(self, message: Message, routing_key: str) -> None:
        """Append a message."""
        life = message.expiration_ms
        expires = float("inf") if life is None else _now() + life / 1000
        entry = Entry(message, routing_key, self._position, expires)
        self._position += 1
        most = self.settings.max_priority
        if most is None:
            self.ready.append(entry)
        else:
            entry.rank = -min(message.priority or 0, most)
            self._insert(entry)
        self.wake()

    def take_back(self, entries: list[Entry], *, requeue: bool) -> None:
        """Put entries back where they were, or drop them as rejected."""
        for entry in entries:
            if requeue:
                entry.redelivered = True
                self._insert(entry)
            else:
                self._on_dead(self.settings, entry, "rejected")
        self.wake()

    def take(self, consumer: Consumer) -> MemoryDelivery | None:
        """Hand the next message over to one who asks for it by hand."""
        while self.ready:
            entry = self.ready.popleft()
            if entry.expires > _now():
                consumer.unsettled[entry.position] = entry
                return MemoryDelivery(consumer, entry, self._republish)
            self._on_dead(self.settings, entry, "expired")
        return None

    def remove(self, consumer: Consumer, *, give_back: bool) -> None:
        """Let a consumer go, with what it had not settled if it died."""
        consumer.active = False
        if consumer in self.consumers:
            self.consumers.remove(consumer)
        if give_back and consumer.unsettled:
            entries = list(consumer.unsettled.values())
            consumer.unsettled.clear()
            self.take_back(entries, requeue=True)

    def drop(self) -> None:
        """Forget everything: the queue is deleted."""
        self.deleted = True
        self.ready.clear()
        for consumer in self.consumers:
            consumer.active = False
            consumer.unsettled.clear()
        self.consumers.clear()
        if self._timer:
            self._timer.cancel()

    def wake(self) -> None:
        """Deliver what can be delivered, soon but never inside the caller."""
        if not self._woken and self.ready:
            self._woken = True
            asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._woken = False
        now = _now()
        for _ in range(BATCH):
            if not self.ready:
                break
            entry = self.ready[0]
            consumer = self._next_consumer()
            if entry.expires <= now and not (consumer and self._never_offered(entry)):
                self.ready.popleft()
                self._on_dead(self.settings, entry, "expired")
            elif consumer is None:
                break
            else:
                self.ready.popleft()
                self._hand_over(entry, consumer)
        else:
            self.wake()
            return
        self._offered = self._position
        self._watch_head()

    def _never_offered(self, entry: Entry) -> bool:
        return entry.position >= self._offered and entry.message.expiration_ms == 0

    def _next_consumer(self) -> Consumer | None:
        if self.settings.single_active:
            first = self.consumers[0] if self.consumers else None
            return first if first is not None and first.credit > 0 else None
        for consumer in self.consumers:
            if consumer.credit > 0:
                self.consumers.remove(consumer)
                self.consumers.append(consumer)
                return consumer
        return None

    def _hand_over(self, entry: Entry, consumer: Consumer) -> None:
        delivery = MemoryDelivery(consumer, entry, self._republish)
        consumer.unsettled[entry.position] = entry
        call_back(consumer.on_delivery, delivery)
        if consumer.auto_ack:
            consumer.unsettled.pop(entry.position, None)

    def _insert(self, entry: Entry) -> None:
        """Put an entry where it belongs: nearly always at one of the ends."""
        if not self.ready or entry.place < self.ready[0].place:
            self.ready.appendleft(entry)
            return
        if entry.place > self.ready[-1].place:
            self.ready.append(entry)
            return
        place = next(
            (i for i, other in enumerate(self.ready) if other.place > entry.place),
            len(self.ready),
        )
        self.ready.insert(place, entry)

    def _watch_head(self) -> None:
        """Look again when the head expires; only the head does."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self.ready and self.ready[0].expires != float("inf"):
            loop = asyncio.get_running_loop()
            # A clock tick later: the loop may call a timer up to its resolution early.
            self._timer = loop.call_at(self.ready[0].expires + 0.001, self.wake)


def dead_letter(settings: Queue, entry: Entry, reason: str) -> Message:
    """Give the message as the dead-letter queue gets it, with RabbitMQ's ``x-death``."""
    message = entry.message
    death: dict[str, Any] = {
        "reason": reason,
        "queue": settings.name,
        "time": datetime.now(UTC),
        "exchange": "",
        "routing-keys": [entry.routing_key],
        "count": 1,
    }
    if message.expiration_ms is not None:
        death["original-expiration"] = str(message.expiration_ms)
    before = list(message.headers.get("x-death", ()))
    for old in before:
        if old["queue"] == settings.name and old["reason"] == reason:
            before.remove(old)
            death["count"] = old["count"] + 1
            break
    headers = {
        "x-first-death-queue": settings.name,
        "x-first-death-reason": reason,
        "x-first-death-exchange": "",
        **message.headers,
        "x-death": [death, *before],
    }
    # Without its expiration: it would die again in the dead-letter queue.
    return msgspec.structs.replace(message, headers=headers, expiration_ms=None)


def _now() -> float:
    return asyncio.get_running_loop().time()
