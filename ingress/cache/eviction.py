"""Which answer has to go when the memory is full: S3-FIFO.

Most things that are stored are never asked for again. So what is new waits in a small queue, a
tenth of the room, and only what was asked for again by its end gets into the large one; what was
not leaves, and is remembered by name for a while, so that it gets in at once if it comes back.
What reaches the end of the large queue goes round again as often as it was asked for lately. A hit
writes one small number, and a scan of a million pages does not throw out what is popular.

After Yang, Zhang, Qiu, Yue and Rashmi, "FIFO Queues are All You Need for Cache Eviction" (SOSP
2023), with bytes in place of objects. Pure: no clock, no I/O.
"""

from collections import deque
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_SMALL: Final = 0.1
_MOST_SEEN: Final = 3
# Queues are swept when more than this of what is in them is gone.
_SWEEP_AT: Final = 1024


class Slot(Generic[T]):
    """A place in the memory. ``seen`` counts hits, as far as they matter."""

    __slots__ = ("cost", "gone", "item", "main", "name", "seen")

    def __init__(self, name: int, item: T, cost: int) -> None:
        self.name = name
        self.item = item
        self.cost = cost
        self.seen = 0
        self.main = False
        self.gone = False

    def hit(self) -> None:
        """Note that it was asked for."""
        if self.seen < _MOST_SEEN:
            self.seen += 1


class Queues(Generic[T]):
    """The two queues. ``room`` and the costs are bytes, and ``used`` never exceeds ``room``."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.used = 0
        self._small: deque[Slot[T]] = deque()
        self._main: deque[Slot[T]] = deque()
        self._in_small = 0
        # Names that left the small queue unasked for, the oldest first.
        self._left: dict[int, None] = {}
        self._gone = 0

    def add(self, slot: Slot[T]) -> list[Slot[T]]:
        """Give it a place; returns those that had to go, itself if it is larger than the room."""
        if slot.cost > self.room:
            slot.gone = True
            return [slot]
        out = []
        while self.used + slot.cost > self.room:
            out.append(self._evict())
        slot.main = slot.name in self._left
        if slot.main:
            del self._left[slot.name]
            self._main.append(slot)
        else:
            self._small.append(slot)
            self._in_small += slot.cost
        self.used += slot.cost
        return out

    def drop(self, slot: Slot[T]) -> None:
        """Take one out that is not wanted any more."""
        if not slot.gone:
            self._release(slot)
            self._gone += 1
            if self._gone > _SWEEP_AT and self._gone * 2 > len(self._small) + len(self._main):
                self._sweep()

    def _release(self, slot: Slot[T]) -> None:
        slot.gone = True
        self.used -= slot.cost
        if not slot.main:
            self._in_small -= slot.cost

    def _evict(self) -> Slot[T]:
        """Find the one that goes; there is one, since ``used`` is more than nothing."""
        while True:
            from_small = self._in_small > self.room * _SMALL or not self._main
            slot = (self._small if from_small else self._main).popleft()
            if slot.gone:
                self._gone -= 1
            elif not from_small and slot.seen:
                slot.seen -= 1
                self._main.append(slot)
            elif from_small and slot.seen:
                slot.seen, slot.main = 0, True
                self._in_small -= slot.cost
                self._main.append(slot)
            else:
                self._release(slot)
                if from_small:
                    self._remember(slot.name)
                return slot

    def _remember(self, name: int) -> None:
        self._left[name] = None
        while len(self._left) > len(self._main) + len(self._small) + 1:
            del self._left[next(iter(self._left))]

    def _sweep(self) -> None:
        self._small = deque(slot for slot in self._small if not slot.gone)
        self._main = deque(slot for slot in self._main if not slot.gone)
        self._gone = 0

    def __repr__(self) -> str:
        return f"<Queues {self.used} of {self.room} bytes>"
