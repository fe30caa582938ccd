"""So many calls of a route at a time, some that wait, and the rest refused."""

import asyncio
from collections.abc import Awaitable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.call import Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.pipeline import Pipeline
from ingress.policies.bulkhead import Bulkhead, build
from tests.ingress.policies.asked import Asked
from tests.ingress.scripted import OK, flow, plan

Waiting = Awaitable[Reply | None]


def waits(bulkhead: Bulkhead) -> "asyncio.Task[Reply | None]":
    waiting = bulkhead.admit(Asked())
    assert waiting is not None
    return asyncio.ensure_future(waiting)


async def test_so_many_are_admitted_at_once() -> None:
    """Up to the limit nobody waits; above it, with nobody allowed to wait, it is 503 at once."""
    bulkhead = Bulkhead(2, 0, 1)
    assert [bulkhead.admit(Asked()) for _ in range(2)] == [None, None]
    with pytest.raises(Fault) as caught:
        bulkhead.admit(Asked())
    assert repr(caught.value).startswith("<Fault overloaded 503 gateway not run")
    assert caught.value.retry_after == 1
    bulkhead.settle(Asked())
    assert bulkhead.admit(Asked()) is None


async def test_a_place_that_becomes_free_goes_to_who_waits_longest() -> None:
    """In order, and nobody who comes later overtakes."""
    bulkhead = Bulkhead(1, 2, 5)
    bulkhead.admit(Asked())
    first, second = waits(bulkhead), waits(bulkhead)
    await asyncio.sleep(0)
    with pytest.raises(Fault, match="overloaded"):
        bulkhead.admit(Asked())
    bulkhead.settle(Asked())
    assert await first is None
    assert not second.done()
    bulkhead.settle(Asked())
    assert await second is None
    assert bulkhead.held() == {"in_flight": 1, "waiting": 0}


async def test_who_waits_too_long_is_refused() -> None:
    """After `wait` it is 503, and the one who waited is forgotten."""
    bulkhead, asked = Bulkhead(1, 1, 0.02), Asked()
    bulkhead.admit(Asked())
    waiting = bulkhead.admit(asked)
    assert waiting is not None
    with pytest.raises(Fault, match="overloaded"):
        await waiting
    assert asked.paused >= 0.02 - 0.002
    bulkhead.settle(Asked())
    assert bulkhead.held() == {"in_flight": 0, "waiting": 0}


async def test_who_leaves_while_waiting_takes_no_place() -> None:
    """A client that hangs up makes room for the next."""
    bulkhead = Bulkhead(1, 2, 5)
    bulkhead.admit(Asked())
    leaving, staying = waits(bulkhead), waits(bulkhead)
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    bulkhead.settle(Asked())
    assert await staying is None


async def test_a_place_given_to_one_who_leaves_is_given_on() -> None:
    """Even when it leaves in the very turn in which it gets its place."""
    bulkhead = Bulkhead(1, 2, 5)
    bulkhead.admit(Asked())
    leaving, staying = waits(bulkhead), waits(bulkhead)
    await asyncio.sleep(0)
    bulkhead.settle(Asked())
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    assert await staying is None
    bulkhead.settle(Asked())
    assert bulkhead.held() == {"in_flight": 0, "waiting": 0}


async def test_a_place_is_given_back_whatever_happens() -> None:
    """Answered, failed, refused after it, crashed or left: the place is free again."""
    bulkhead = Bulkhead(1, 0, 1)
    held = plan(policies=(bulkhead,), settlers=(bulkhead,))

    async def answer(_: Flow) -> Reply:
        return OK

    async def fail(_: Flow) -> Reply:
        raise Fault("no_route")

    async def crash(_: Flow) -> Reply:
        raise ZeroDivisionError

    async def hang(_: Flow) -> Reply:
        await asyncio.sleep(60)
        raise AssertionError

    for dispatch in (answer, fail, crash):
        await Pipeline(dispatch, report=lambda *_: None).run(flow(held))
        assert bulkhead.held()["in_flight"] == 0
    task = asyncio.create_task(Pipeline(hang).run(flow(held)))
    await asyncio.sleep(0)
    assert bulkhead.held()["in_flight"] == 1
    refused = flow(held)
    await Pipeline(answer).run(refused)
    assert (refused.code, refused.answered_by) == ("overloaded", "bulkhead")
    task.cancel()
    await asyncio.wait([task])
    assert bulkhead.held()["in_flight"] == 0


async def test_waiting_ends_with_the_time_of_the_route() -> None:
    """However long the wait may be, the client has its answer by the route's timeout."""
    bulkhead = Bulkhead(1, 1, 60)
    bulkhead.admit(Asked())

    async def answer(_: Flow) -> Reply:
        return OK

    late = flow(plan(policies=(bulkhead,), settlers=(bulkhead,), timeout=0.02))
    await Pipeline(answer).run(late)
    assert late.code == "deadline"
    bulkhead.settle(Asked())
    assert bulkhead.held() == {"in_flight": 0, "waiting": 0}


class Traffic(RuleBasedStateMachine):
    """Clients that come, wait, leave and are answered, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.bulkhead = Bulkhead(3, 2, 60)
        self.inside = 0
        self.tasks: list[asyncio.Task[Reply | None]] = []

    def teardown(self) -> None:
        for task in self.tasks:
            task.cancel()
        self._turn()
        self.loop.close()

    def _turn(self) -> None:
        """Let the loop take a few turns, and count who got a place."""
        for _ in range(4):
            self.loop.run_until_complete(asyncio.sleep(0))
        for task in [task for task in self.tasks if task.done()]:
            self.tasks.remove(task)
            if not task.cancelled() and task.exception() is None:
                self.inside += 1

    @rule()
    def come(self) -> None:
        async def admit() -> Reply | None:
            verdict = self.bulkhead.admit(Asked())
            return None if verdict is None else await verdict

        self.tasks.append(self.loop.create_task(admit()))
        self._turn()

    @rule(pick=st.integers(0, 10))
    def leave(self, pick: int) -> None:
        if self.tasks:
            self.tasks[pick % len(self.tasks)].cancel()
            self._turn()

    @rule(also_leaves=st.booleans())
    def settle(self, also_leaves: bool) -> None:  # noqa: FBT001 - hypothesis calls it
        if self.inside:
            self.inside -= 1
            self.bulkhead.settle(Asked())
            if also_leaves and self.tasks:
                self.tasks[0].cancel()
            self._turn()

    @invariant()
    def places_are_kept(self) -> None:
        """No place is lost and none is made up, and nobody waits while one is free."""
        assert self.bulkhead.held() == {"in_flight": self.inside, "waiting": len(self.tasks)}
        assert self.inside <= 3
        assert not self.tasks or self.inside == 3


TestTraffic = Traffic.TestCase


def test_it_is_built_only_where_it_is_asked_for() -> None:
    """Off, or not mentioned, it is not there."""
    assert build({}) is build({"bulkhead": "off"}) is None
    built = build({"bulkhead": {"max_in_flight": 1, "max_waiting": 2, "wait": 0.5}})
    assert repr(built) == "<Bulkhead 0 of 1 in flight, 0 of 2 waiting>"
    assert built is not None
    assert built.settings() == {"max_in_flight": 1, "max_waiting": 2, "wait": 0.5}
