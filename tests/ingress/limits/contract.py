"""The contract suite: what every meter does. Subclassed for the local table and for Redis.

Each gives the fixtures ``meter``, ``peer`` (another process with the same counts) and ``clock``, by
which both count.
"""

import asyncio
import inspect
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.limits.limit import Ask, Limit, Verdict, limits
from ingress.limits.meter import Meter
from ingress.limits.rate import parse


class Clock:
    """A clock that a test sets; ``set`` tells those who must hear of it."""

    def __init__(self) -> None:
        self.ms = 1_764_000_000_000

    def __call__(self) -> float:
        return self.ms / 1000

    async def forward(self, ms: int) -> None:
        self.ms += ms


def rates(name: str, *texts: str, concurrent: int = 0, max_keys: int = 64) -> Limit:
    """Make a limit of rates."""
    (made,) = limits(
        name, [parse(text) for text in texts], concurrent=concurrent, max_keys=max_keys
    )
    return made


async def take(meter: Meter, *asks: Ask) -> Verdict:
    """Count a call."""
    verdict = meter.take(asks)
    return await verdict if inspect.isawaitable(verdict) else verdict


def told(verdict: Verdict) -> list[tuple[str, int]]:
    """Give what is left, by name."""
    return [(one.name, left) for one, left, _ in verdict.refused or verdict.standings]


async def passes(meter: Meter, limit: Limit, times: int, key: str = "anna") -> int:
    """Count many calls; gives how many passed."""
    return sum([not (await take(meter, (limit, key))).refused for _ in range(times)])


class MeterContract:
    """All of it."""

    async def test_exactly_the_limit_passes(self, meter: Meter, peer: Meter, clock: Clock) -> None:
        """Through whichever process calls come, so many pass in a window, and again in the next."""
        limit = rates("a", "100/m")
        for _ in range(3):
            passed = [await passes(one, limit, 30) for one in (meter, peer) * 3]
            assert sum(passed) == 100
            await clock.forward(60_001)

    async def test_keys_do_not_share(self, meter: Meter) -> None:
        """What one key has used is nothing to another."""
        limit = rates("a", "2/m")
        for key in ("anna", "ben", "é" * 20, "10.0.0.1"):
            assert await passes(meter, limit, 5, key) == 2

    async def test_it_says_how_it_stands(self, meter: Meter, clock: Clock) -> None:
        """What is left after a call, and when there is more, is told for each window."""
        limit = rates("a", "3/10s", "100/m")
        first = await take(meter, (limit, "anna"))
        assert told(first) == [("a-10s", 2), ("a-1m", 99)]
        assert [reset for _, _, reset in first.standings] == [10_000, 60_000]
        await clock.forward(4000)
        assert told(await take(meter, (limit, "anna"))) == [("a-10s", 1), ("a-1m", 98)]
        await take(meter, (limit, "anna"))
        refused = await take(meter, (limit, "anna"))
        assert told(refused) == [("a-10s", 0)]
        assert refused.refused[0][2] == 6001
        await clock.forward(6001)
        assert not (await take(meter, (limit, "anna"))).refused

    async def test_all_or_nothing(self, meter: Meter) -> None:
        """A call that one limit refuses is counted by none."""
        wide, narrow = rates("wide", "10/m"), rates("narrow", "1/m")
        for _ in range(5):
            await take(meter, (wide, "anna"), (narrow, "anna"))
        verdict = await take(meter, (wide, "anna"))
        assert told(verdict) == [("wide", 8)]

    async def test_a_quota_is_one_of_the_calendar(self, meter: Meter, clock: Clock) -> None:
        """A day's quota is there again at midnight and not before, a month's on the first."""
        (limit,) = limits("q", quotas={"day": 3, "month": 5})
        assert await passes(meter, limit, 9) == 3
        verdict = await take(meter, (limit, "anna"))
        (day, _, left), *_ = verdict.refused
        assert (day.name, day.code) == ("q-day", "quota_exceeded")
        await clock.forward(left - 1)
        assert await passes(meter, limit, 1) == 0
        await clock.forward(1)
        assert await passes(meter, limit, 9) == 2
        # The month has 6 days left after 24 November.
        await clock.forward(86_400_000 * 6)
        assert await passes(meter, limit, 9) == 3

    async def test_a_quota_outlives_a_change_of_rates(self, meter: Meter) -> None:
        """What was used stays used when the numbers of a limit are changed."""
        for calls, passed in ((3, 3), (5, 2), (4, 0)):
            _, quota = limits("q", [parse(f"{calls}00/s")], {"day": calls})
            assert await passes(meter, quota, 9) == passed

    async def test_places_are_given_back(self, meter: Meter, peer: Meter) -> None:
        """So many calls at a time, of all processes together; each that ends makes room."""
        limit = rates("c", "1000/m", concurrent=3)
        ask = (limit, "anna")
        held = [await take(one, ask) for one in (meter, peer, meter)]
        assert told(held[2]) == [("c", 997), ("c-concurrent", 0)]
        refused = await take(peer, ask)
        assert told(refused) == [("c-concurrent", 0)]
        assert refused.refused[0][2] == 1000
        for one in (peer, meter):
            one.give_back([ask])
            await self.settled(one)
            assert not (await take(meter, ask)).refused
            assert (await take(peer, ask)).refused

    async def settled(self, _: Meter) -> None:
        """Wait until what was given back is free; Redis hears of it a moment later."""

    async def test_a_refused_call_holds_no_place(self, meter: Meter) -> None:
        """What another window refused has taken no place."""
        limit = rates("c", "2/m", concurrent=2)
        ask = (limit, "anna")
        await take(meter, ask)
        meter.give_back([ask])
        await take(meter, ask)
        for _ in range(5):
            assert told(await take(meter, ask)) == [("c", 0)]
        found = [one async for one in meter.usage(limit)]
        assert [(w.name, left) for w, left, _ in found[0].standings][1] == ("c-concurrent", 1)

    async def test_invented_keys_share_what_is_left(self, meter: Meter) -> None:
        """Above ``max_keys`` keys are counted together, and who was there keeps its own count."""
        limit = rates("a", "2/m", max_keys=16)
        assert await passes(meter, limit, 1, "first") == 1
        outcomes = [await passes(meter, limit, 1, f"invented {n}") for n in range(300)]
        assert 16 <= sum(outcomes) <= 2 * 16 + 2 + 32
        assert await passes(meter, limit, 5, "first") == 1

    async def test_invented_keys_get_no_places(self, meter: Meter) -> None:
        """Above ``max_keys`` no call has a place, and who was there has all of theirs."""
        limit = rates("a", concurrent=2, max_keys=16)
        first = (limit, "first")
        assert not (await take(meter, first)).refused
        for number in range(300):
            await take(meter, (limit, f"invented {number}"))
        late = [await take(meter, (limit, f"late {number}")) for number in range(20)]
        assert all(one.refused for one in late)
        assert not (await take(meter, first)).refused
        assert (await take(meter, first)).refused

    async def test_usage_shows_who_has_used_what(self, meter: Meter, peer: Meter) -> None:
        """Each key with what it has left can be seen, and looking uses nothing."""
        limit = rates("a", "10/m")
        await passes(meter, limit, 3, "anna")
        await passes(meter, limit, 20, "ben")
        for _ in range(3):
            found = {one.key: one.standings[0][1] async for one in peer.usage(limit)}
            assert found == {"anna": 7, "ben": 0}

    async def test_a_reset_forgets_one_key(self, meter: Meter, peer: Meter) -> None:
        """A key that is reset begins anew, and no other does."""
        limit = rates("a", "2/m")
        for key in ("anna", "ben"):
            assert await passes(meter, limit, 3, key) == 2
        assert await peer.reset(limit, "anna")
        assert not await peer.reset(limit, "nobody")
        assert await passes(meter, limit, 3, "anna") == 2
        assert await passes(meter, limit, 3, "ben") == 0

    async def test_many_at_once(self, meter: Meter, peer: Meter) -> None:
        """Calls that are under way together are counted each."""
        limit = rates("a", "50/m")
        calls = [take(one, (limit, "anna")) for one in (meter, peer) for _ in range(100)]
        verdicts = await asyncio.gather(*calls)
        assert sum(not verdict.refused for verdict in verdicts) == 50

    @given(
        steps=st.lists(
            st.tuples(st.integers(-2500, 4000), st.integers(1, 9)), min_size=1, max_size=25
        ),
        calls=st.sampled_from([1, 5, 64, 65, 70, 131]),
    )
    @settings(
        max_examples=20,
        deadline=None,
        # Three classes inherit it, and it resets the counts itself.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    async def test_all_meters_count_alike(
        self, meter: Meter, clock: Clock, model: Meter, steps: Sequence[tuple[int, int]], calls: int
    ) -> None:
        """Whatever comes when, and when the clock is set back, it says what the table says."""
        limit = rates("m", f"{calls}/3s", f"{2 * calls}/10s")
        (quota,) = limits("m", quotas={"day": 3 * calls})
        asks = ((limit, "x"), (quota, "x"))
        for one in (meter, model):
            for ask in asks:
                await one.reset(ask[0], "x")
        for step, times in steps:
            await clock.forward(step)
            for _ in range(times * max(1, calls // 8)):
                seen, expected = await take(meter, *asks), await take(model, *asks)
                assert [one[1:] for one in seen.standings] == [o[1:] for o in expected.standings]
                assert [o[1:] for o in seen.refused] == [o[1:] for o in expected.refused]


async def is_down(meter: Meter) -> bool:
    """Whether nothing can be counted."""
    try:
        await take(meter, (rates("d", "1000/m"), "x"))
    except Fault as fault:
        return fault.code == "store_down"
    return False
