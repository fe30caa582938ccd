"""The limit of calls of a queue, on a simulated queue with a known capacity."""

import heapq
import random

import msgspec
import pytest

from ingress.limit import ENOUGH, Limit, Limits, LimitSettings


class Outcome(msgspec.Struct):
    """What a simulated run gave. Times in seconds."""

    goodput: float
    p99: float
    refused: float
    limit: Limit


def run(
    load: float,
    *,
    servers: int = 4,
    work: float = 0.005,
    way: float = 0.001,
    seconds: float = 8.0,
    backlog: float = 0.0,
) -> Outcome:
    """Offer ``load`` times the capacity at random moments; the first quarter is not judged.

    The servers have ``backlog`` seconds of others' work to do before.
    """
    chance = random.Random(7)
    limit = Limit(LimitSettings())
    free, took = [backlog] * servers, list[float]()
    flying: list[tuple[float, float, float, float]] = []
    now, sent, refused = 0.0, 0, 0
    while now < seconds:
        now += chance.expovariate(load * servers / work)
        while flying and flying[0][0] <= now:
            end, queued, worked, whole = heapq.heappop(flying)
            limit.leave()
            limit.learn(queued, worked, end)
            if end > seconds / 4:
                took.append(whole)
        sent += 1
        if not limit.enter(0):
            refused += 1
            continue
        there = now + way * chance.uniform(0.4, 1.5) / 2
        worked = work * chance.uniform(0.7, 1.3)
        done = max(there, heapq.heappop(free)) + worked
        heapq.heappush(free, done)
        end = done + way * chance.uniform(0.4, 1.5) / 2
        heapq.heappush(flying, (end, end - now - worked, worked, end - now))
    took.sort()
    return Outcome(len(took) / (seconds * 0.75), took[int(len(took) * 0.99)], refused / sent, limit)


@pytest.mark.parametrize(
    "queue",
    [
        {},
        {"servers": 40},
        {"servers": 100, "work": 0.02},
        {"work": 0.05, "seconds": 20},
        {"work": 0.0005, "way": 0.002},
    ],
    ids=["4 x 5 ms", "40 x 5 ms", "100 x 20 ms", "4 x 50 ms", "4 x 0.5 ms"],
)
def test_ten_times_the_load_costs_only_the_excess(queue: dict[str, float]) -> None:
    """Nearly all that can be served is, and what is admitted takes less than twice as long."""
    alone = run(0.1, **queue)  # type: ignore[arg-type]
    peak = max(run(load, **queue).goodput for load in (1.0, 2.0))  # type: ignore[arg-type]
    flooded = run(10, **queue)  # type: ignore[arg-type]
    assert flooded.goodput > 0.95 * peak
    assert flooded.p99 < 2 * alone.p99
    assert 0.85 < flooded.refused < 0.95


@pytest.mark.parametrize("servers", [40, 100])
def test_a_load_that_can_be_served_is(servers: int) -> None:
    """At four fifths of the capacity nobody is turned away, from the first moment on."""
    assert run(0.8, servers=servers).refused < 0.002


def test_a_queue_that_stands_from_the_start_is_found_out() -> None:
    """A gateway that starts in the middle of a flood does not take its queue for a long way."""
    assert run(10, backlog=1.0, seconds=30).limit.value < 10


def test_a_limit_recovers() -> None:
    """When a slow queue becomes fast, the limit grows with it within seconds."""
    limit = Limit(LimitSettings())
    now = 0.0
    limit.learn(0.001, 0.005, now)
    for _ in range(300):
        now += 0.011
        limit.learn(0.5, 0.005, now)
    assert limit.value == 2
    for _ in range(4000):
        now += 0.0005
        while limit.enter(0):
            pass
        limit.leave()
        limit.learn(0.001, 0.005, now)
    assert limit.value > 20


def test_calls_that_are_lost_bring_it_down() -> None:
    """Deadlines and full queues are a sign as good as any wait."""
    limit = Limit(LimitSettings())
    for number in range(ENOUGH + 1):
        limit.learn(0.001, 0.005, number * 0.02, lost=number % 4 == 0)
    assert limit.value < 100


def test_the_less_urgent_are_turned_away_first() -> None:
    """The lowest priority has half of the limit when the highest has all of it."""
    limit = Limit(LimitSettings(at_most=10))
    for priority in (0, 9):
        limit.know(priority)
    assert sum(limit.enter(0) for _ in range(20)) == 5
    assert not limit.enter(0)
    assert sum(limit.enter(9) for _ in range(20)) == 5
    limit.leave()
    assert not limit.enter(0)
    assert limit.enter(9)
    assert repr(limit) == "<Limit 10 of 10.0>"


def test_without_priorities_all_have_all_of_it() -> None:
    """A route that says nothing is not put behind for it."""
    limit = Limit(LimitSettings(at_most=10))
    assert sum(limit.enter(0) for _ in range(20)) == 10


def test_routes_of_one_queue_share_its_limit() -> None:
    """However often they ask; with other settings there is another limit."""
    limits, settings = Limits(), LimitSettings()
    assert limits.of("q", settings) is limits.of("q", LimitSettings())
    assert limits.of("q", settings) is not limits.of("p", settings)
    first = limits.of("q", settings)
    assert limits.of("q", LimitSettings(at_least=5)) is not first
