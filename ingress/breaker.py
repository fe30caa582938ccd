"""The circuit breaker of a route: pybreaker's states, driven by hand.

pybreaker 1.4.1 owns the state machine (closed, open, half-open), the moves
between states and the listeners. What it decides by itself does not suit
asyncio, so none of its ``call`` methods is used: ``call_async`` needs
Tornado, ``calling`` counts a client that hung up as a failure, half-open lets
everybody through, an excluded exception counts as a success, and only
consecutive failures count. Instead a caller asks before and tells after, and
the numbers live in a storage of our own, pybreaker's extension point: a
failure rate over a sliding window, a number of probes, a monotonic clock.

A permit is the number of the breaker's current generation; each change of
state begins a new one. So a result from before a trip is known to be old and
is ignored, and there is nothing to keep per call.
"""

from collections.abc import Callable
from datetime import datetime
from math import ceil

from pybreaker import (
    STATE_CLOSED,
    STATE_HALF_OPEN,
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerListener,
    CircuitBreakerState,
    CircuitBreakerStorage,
)

from contracts.fault import Fault
from ingress.plan import Breaker as Settings
from ingress.window import Clock, Window

# name of the breaker, old state, new state
OnChange = Callable[[str, str, str], None]

Permit = int


class Breaker:
    """Ask before a call, tell after it; each permit is to be told of once.

    ``clock`` gives monotonic seconds. ``on_change(name, old, new)`` hears of
    each change of state, after it is complete; the states are ``closed``,
    ``open`` and ``half-open``. Not for several threads.
    """

    __slots__ = ("_circuit", "_on_change", "_relay", "_storage", "name", "settings")

    def __init__(
        self, name: str, settings: Settings, *, clock: Clock, on_change: OnChange | None = None
    ) -> None:
        self.name = name
        self.settings = settings
        self._on_change = on_change
        self._relay = _Relay()
        self._storage = _Storage(name, settings, clock)
        self._circuit = CircuitBreaker(
            name=name,
            fail_max=settings.min_calls,
            reset_timeout=settings.open_for,
            success_threshold=settings.probes,
            state_storage=self._storage,
            listeners=[self._relay],
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half-open``.

        It stays ``open`` after ``open_for`` until somebody asks: nothing
        wakes up only to say that a call would be let through.
        """
        return self._storage.state

    @property
    def calls(self) -> int:
        """Calls that ended within the window."""
        return self._storage.fresh().total

    @property
    def failures(self) -> int:
        """Those of the :attr:`calls` that failed."""
        return self._storage.fresh().marked

    @property
    def opened_at(self) -> datetime | None:
        """When it last opened (UTC); ``None`` when it never did."""
        return self._storage.opened_at

    def ask(self) -> Permit:
        """Get a permit for one call.

        Raises Fault ``circuit_open``, with the seconds that are left of the
        open time in ``retry_after`` (rounded up, at least 1).
        """
        storage = self._storage
        if storage.closed:
            return storage.generation
        if storage.state == STATE_OPEN:
            if storage.rest() > 0:
                raise Fault("circuit_open", retry_after=max(1, ceil(storage.rest())))
            self._move(self._circuit.half_open)
        if storage.probing + storage.success_counter >= self.settings.probes:
            raise Fault("circuit_open", retry_after=1)
        storage.probing += 1
        return storage.generation

    def tell_success(self, permit: Permit) -> None:
        """The call came back, and the operation is well."""
        storage = self._storage
        if permit != storage.generation:
            return
        if storage.closed:
            storage.window.count()
            return
        storage.probing -= 1
        storage.increment_success_counter()
        if storage.success_counter >= self.settings.probes:
            self.close()

    def tell_failure(self, permit: Permit) -> None:
        """The call failed in a way that the backend is to blame for."""
        storage = self._storage
        if permit != storage.generation:
            return
        if storage.closed:
            storage.window.count()
            storage.increment_counter()
            if not storage.too_many():
                return
        self.open()

    def tell_nothing(self, permit: Permit) -> None:
        """The call says nothing of the backend: the client left, say.

        The place of a probe is free again for the next.
        """
        storage = self._storage
        if permit == storage.generation and storage.state == STATE_HALF_OPEN:
            storage.probing -= 1

    def open(self) -> None:
        """Open the circuit, for ``open_for`` seconds from now."""
        self._move(self._circuit.open)

    def close(self) -> None:
        """Close the circuit and forget what was counted."""
        self._move(self._circuit.close)

    def _move(self, move: Callable[[], object]) -> None:
        # pybreaker calls listeners in the middle of a move, when its storage
        # still has the old state, and one that raises leaves it half done (a
        # circuit that never opens). So its listener only takes a note, and
        # ours are called when the move is complete.
        move()
        if self._on_change and (change := self._relay.take()):
            self._on_change(self.name, *change)

    def __repr__(self) -> str:
        return f"<Breaker {self.name!r} {self.state}, {self.failures} of {self.calls} failed>"


class _Relay(CircuitBreakerListener):
    """Takes a note of a change of state."""

    def __init__(self) -> None:
        self._change: tuple[str, str] | None = None

    def state_change(
        self,
        cb: CircuitBreaker,  # noqa: ARG002 - pybreaker's signature
        old_state: CircuitBreakerState | None,
        new_state: CircuitBreakerState,
    ) -> None:
        old = old_state.name if old_state else ""
        self._change = (old, new_state.name) if old != new_state.name else None

    def take(self) -> tuple[str, str] | None:
        change, self._change = self._change, None
        return change


class _Storage(CircuitBreakerStorage):
    """The numbers of one breaker. Whoever sets the state begins a generation."""

    def __init__(self, name: str, settings: Settings, clock: Clock) -> None:
        super().__init__(name)
        self._settings = settings
        self._clock = clock
        self._state = STATE_CLOSED
        # The same, for the way of each call: a property costs as much as all else that is asked.
        self.closed = True
        self._opened_at: datetime | None = None
        self._reopens = 0.0
        self._passed = 0
        self.window = Window(settings.window, clock)
        self.generation = 1
        self.probing = 0

    @property
    def state(self) -> str:
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._state = state
        self.closed = state == STATE_CLOSED
        self.generation += 1
        self.probing = 0
        self._passed = 0
        self.window.clear()

    @property
    def opened_at(self) -> datetime | None:
        """The wall clock, for people; :meth:`rest` goes by the monotonic one."""
        return self._opened_at

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        self._opened_at = moment
        self._reopens = self._clock() + self._settings.open_for

    @property
    def counter(self) -> int:
        return self.fresh().marked

    def increment_counter(self) -> None:
        self.window.mark()

    def reset_counter(self) -> None:
        self.window.clear()

    @property
    def success_counter(self) -> int:
        return self._passed

    def increment_success_counter(self) -> None:
        self._passed += 1

    def reset_success_counter(self) -> None:
        self._passed = 0

    def fresh(self) -> Window:
        self.window.turn()
        return self.window

    def rest(self) -> float:
        return self._reopens - self._clock()

    def too_many(self) -> bool:
        window, settings = self.window, self._settings
        enough = window.total >= settings.min_calls
        return enough and window.marked >= settings.failure_rate * window.total
