"""Calls that several requests wait for."""

import asyncio

import pytest

from ingress.cache.flights import Flight, Flights, Key

KEY: Key = ("shop", "/a", "", ())


async def test_all_have_the_answer_of_one_call() -> None:
    """And when it is there, the next one begins anew."""
    flights: Flights[str] = Flights()
    go = asyncio.Event()

    async def call(_: Flight[str]) -> str:
        await go.wait()
        return "answer"

    flight = flights.begin(KEY, call)
    assert flights.get(KEY) is flight
    waiting = [asyncio.create_task(flights.wait(flight)) for _ in range(3)]
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(*waiting) == ["answer"] * 3
    assert flights.get(KEY) is None
    assert len(flights) == 0


async def test_it_ends_with_the_last_who_waits() -> None:
    """One that leaves ends nothing for the others."""
    flights: Flights[str] = Flights()
    flight = flights.begin(KEY, _forever)
    one, other = (asyncio.create_task(flights.wait(flight)) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.sleep(0.01)
    assert flight.task is not None
    assert not flight.task.done()
    other.cancel()
    with pytest.raises(asyncio.CancelledError):
        await flight.task
    assert len(flights) == 0


async def test_one_that_is_wanted_goes_on_alone() -> None:
    """It is for the cache's own sake."""
    flights: Flights[str] = Flights()
    flight = flights.begin(KEY, _forever, wanted=True)
    one = asyncio.create_task(flights.wait(flight))
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.sleep(0.01)
    assert flight.task is not None
    assert not flight.task.done()
    flight.task.cancel()
    await asyncio.gather(flight.task, one, return_exceptions=True)


async def test_what_is_spoilt_cannot_be_joined_nor_kept() -> None:
    """Those who wait still have its answer; who comes now begins another."""
    flights: Flights[str] = Flights()
    go = asyncio.Event()

    async def call(_: Flight[str]) -> str:
        await go.wait()
        return "old"

    flight = flights.begin(KEY, call)
    flights.spoil(lambda host, path: (host, path) == ("shop", "/b"))
    assert flight.keep
    waiting = asyncio.create_task(flights.wait(flight))
    await asyncio.sleep(0)
    flights.spoil(lambda host, path: (host, path) == ("shop", "/a"))
    assert (flight.keep, flights.get(KEY), len(flights)) == (False, None, 1)
    go.set()
    assert await waiting == "old"
    assert len(flights) == 0


async def _forever(_: Flight[str]) -> str:
    await asyncio.Event().wait()
    return ""
