"""Calls to the worker that several requests wait for.

A flight is a task of its own, so that a client that leaves ends nobody else's call. When the last
one leaves, the call is cancelled, unless it was begun for the cache's own sake.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
Key = tuple[str, str, str, tuple[str, ...]]


class Flight(Generic[T]):
    """One call. ``keep`` says that its answer may be stored: nothing was dropped meanwhile."""

    __slots__ = ("keep", "key", "task", "waiting", "wanted")

    def __init__(self, key: Key, *, wanted: bool) -> None:
        self.key = key
        self.keep = True
        # Whether it goes on when nobody waits for it.
        self.wanted = wanted
        self.waiting = 0
        self.task: asyncio.Task[T] | None = None


class Flights(Generic[T]):
    """The calls under way, by what they are for: host, path, part, and the fields of Vary."""

    def __init__(self) -> None:
        self._under_way: dict[Key, Flight[T]] = {}
        # Those that nobody can join any more, and that go on all the same.
        self._others: set[Flight[T]] = set()

    def __len__(self) -> int:
        return len(self._under_way) + len(self._others)

    def get(self, key: Key) -> Flight[T] | None:
        """Give the call that is under way for a key."""
        return self._under_way.get(key)

    def begin(
        self, key: Key, call: Callable[[Flight[T]], Awaitable[T]], *, wanted: bool = False
    ) -> Flight[T]:
        """Begin a call that others may wait for."""
        flight: Flight[T] = Flight(key, wanted=wanted)
        self._under_way[key] = flight
        flight.task = asyncio.get_running_loop().create_task(self._fly(flight, call))
        return flight

    async def wait(self, flight: Flight[T]) -> T:
        """Wait for a call; whoever is cancelled leaves the others to wait on."""
        task = flight.task
        assert task is not None  # noqa: S101 - it has begun
        flight.waiting += 1
        try:
            return await asyncio.shield(task)
        finally:
            flight.waiting -= 1
            if not (flight.waiting or flight.wanted or task.done()):
                self._leave(flight)
                task.cancel()

    def spoil(self, reaches: Callable[[str, str], bool]) -> None:
        """Let none of the calls for places that were dropped be stored or joined any more."""
        for key, flight in list(self._under_way.items()):
            if reaches(key[0], key[1]):
                flight.keep = False
                del self._under_way[key]
                self._others.add(flight)

    async def _fly(self, flight: Flight[T], call: Callable[[Flight[T]], Awaitable[T]]) -> T:
        try:
            return await call(flight)
        finally:
            self._leave(flight)

    def _leave(self, flight: Flight[T]) -> None:
        if self._under_way.get(flight.key) is flight:
            del self._under_way[flight.key]
        self._others.discard(flight)
