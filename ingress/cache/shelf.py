"""What the caching routes of a process have in common: the answers, the calls for them, figures."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from ingress.cache.flights import Flights
from ingress.cache.landed import Landed
from ingress.cache.memory import Memory, Order
from ingress.cache.port import Onward
from ingress.cache.remote import Remote

# Seconds for which a place is known to have nothing that may be stored, and how many are known.
_UNSTORABLE: Final = 5.0
_MOST_PLACES: Final = 10_000

# What is counted, by the word that metrics and people see.
RESULTS: Final = (
    "hit",
    "stale",
    "miss",
    "validated",
    "collapsed",
    "pass",
    "refreshed",
    "invalidated",
)


class Shelf:
    """Keeps answers: ``room`` bytes of them. ``onward`` is set once there is a pipeline.

    ``clock`` gives Unix seconds.
    """

    def __init__(
        self, room: int, onward: Onward | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self.memory = Memory(room)
        self.flights: Flights[Landed] = Flights()
        self.counts: Counter[str] = Counter(dict.fromkeys(RESULTS, 0))
        self.onward = onward
        # Answers that are shared with other processes, where they are.
        self.remote: Remote | None = None
        # Hears of each order, so that other processes can be told.
        self.on_drop: Callable[[Order], None] | None = None
        # Places whose answers cannot be stored now, and until when that is believed.
        self._unstorable: dict[tuple[str, str, str], float] = {}

    def drop(self, order: Order, *, told: bool = False) -> int:
        """Drop answers, also those that are on their way; says how many were there.

        ``told`` says that the order came from another process.
        """
        self.flights.spoil(order.reaches)
        if self.on_drop is not None and not told:
            self.on_drop(order)
        return self.memory.drop(order)

    def unstorable(self, place: tuple[str, str, str], now: float) -> bool:
        """Whether nothing could be stored for this place just now, so that nobody need wait."""
        until = self._unstorable.get(place)
        if until is None:
            return False
        if until > now:
            return True
        del self._unstorable[place]
        return False

    def remember_unstorable(self, place: tuple[str, str, str], now: float) -> None:
        """Let requests for a place go each its own way for some seconds."""
        while len(self._unstorable) >= _MOST_PLACES:
            del self._unstorable[next(iter(self._unstorable))]
        self._unstorable[place] = now + _UNSTORABLE

    def __repr__(self) -> str:
        return f"<Shelf {len(self.memory)} answers, {len(self.flights)} calls under way>"
