"""The worker is asked once for all who wait."""

import asyncio

from contracts.call import Call, Reply
from ingress.cache.asked import Asked
from ingress.cache.fetch import Fetch, Ticket
from ingress.cache.shelf import Shelf
from ingress.cache.storing import Rules, Where
from ingress.flow import Flow
from ingress.onward import Onward
from tests.ingress.cache.cached import reply
from tests.ingress.scripted import flow

CALL = Call(id="1", operation="a.b", method="GET", path="/a")
WHERE = Where("shop", "/a", "")


def test_who_shows_who_it_is_waits_apart() -> None:
    """What such a one gets may be for nobody else; with a place of its own it is alone anyway."""
    plain = Ticket(CALL, Asked(), WHERE)
    cookie = Ticket(CALL, Asked(said={"cookie": "a"}), WHERE)
    known = Ticket(CALL, Asked(), Where("shop", "/a", "", authenticated=True))
    apart = Ticket(CALL, Asked(), Where("shop", "/a", "", authenticated=True, apart=True))
    assert [one.shows for one in (plain, cookie, known, apart)] == [False, True, True, False]
    assert plain.place != cookie.place == known.place


async def test_an_answer_is_stored_and_its_call_is_over() -> None:
    """While it is under way it can be joined."""
    shelf, answer = Shelf(100_000), asyncio.Event()

    async def run(inner: Flow) -> None:
        await answer.wait()
        inner.attempts, inner.reply = 1, reply(cache_control="max-age=9")

    shelf.onward = Onward(run)
    fetch, ticket = Fetch(shelf, Rules()), Ticket(CALL, Asked(), WHERE)
    flight = fetch.begin(flow(), ticket)
    assert fetch.under_way(ticket) is flight
    waiting = asyncio.create_task(shelf.flights.wait(flight))
    answer.set()
    landed = await waiting
    assert shelf.memory.find("shop", "/a", "", ()) is landed.entry
    assert fetch.under_way(ticket) is None


async def test_a_place_without_answers_to_store_is_remembered() -> None:
    """The next ones need not wait for each other."""
    shelf = Shelf(100_000)

    async def run(inner: Flow) -> None:
        inner.attempts, inner.reply = 1, Reply(headers=(("cache-control", "no-store"),))

    shelf.onward = Onward(run)
    fetch, ticket = Fetch(shelf, Rules()), Ticket(CALL, Asked(), WHERE)
    await shelf.flights.wait(fetch.begin(flow(), ticket))
    assert shelf.unstorable(ticket.place, shelf.clock())
