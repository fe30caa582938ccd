import asyncio
import inspect
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress.limits import fields
from ingress.limits.limit import Ask, Limit, Verdict, limits
from ingress.limits.local import LocalMeter
from ingress.limits.meter import Take
from ingress.limits.rate import parse
from tests.ingress.limits.contract import Clock, passes, rates


async def taken(take: Take) -> tuple[int, ...] | Verdict:
    found = take()
    if isinstance(found, tuple | Verdict):
        return found
    assert inspect.isawaitable(found)
    return await found


def said(asks: Sequence[Ask], found: tuple[int, ...] | Verdict) -> str:
    """Give what the client is told, whichever way it was counted."""
    if isinstance(found, Verdict):
        return "no " * bool(found.refused) + fields.standing(found.refused or found.standings)
    made = [limit for limit, _ in asks]
    line = (fields.template(made) % found).decode()
    return line.removeprefix(fields.head(made).decode()).removesuffix("\r\n")


_CALLS = st.sampled_from([1, 2, 5, 64, 65, 131, 900_000_000])


@given(
    few=_CALLS,
    many=_CALLS,
    quota=_CALLS,
    steps=st.lists(st.tuples(st.integers(-2500, 4000), st.integers(1, 40)), max_size=20),
)
@settings(max_examples=60, deadline=None)
async def test_it_counts_as_the_long_way_does(
    few: int, many: int, quota: int, steps: list[tuple[int, int]]
) -> None:
    """Whatever comes when, and when the clock is set back, both say the same of each call."""
    clock = Clock()
    one, model = LocalMeter(None, clock=clock), LocalMeter(None, clock=clock)
    made = limits("a", [parse(f"{few}/3s"), parse(f"{many}/10s")], {"day": quota, "month": quota})
    asks = [(limit, "anna") for limit in made]
    take = one.account(asks)
    for step, times in steps:
        await clock.forward(step)
        for _ in range(times):
            expected = model.take(asks)
            assert isinstance(expected, Verdict)
            assert said(asks, await taken(take)) == said(asks, expected)
    for meter in (one, model):
        await meter.close()


async def test_the_usual_call_says_no_more_than_numbers() -> None:
    """What is left and the seconds, window by window, once the row was found."""
    clock = Clock()
    meter = LocalMeter(None, clock=clock)
    made = limits("a", [parse("10/s"), parse("900/m")], {"day": 50})
    take = meter.account([(limit, "anna") for limit in made])
    first = await taken(take)
    assert isinstance(first, Verdict)
    until_midnight = first.standings[2][2] // 1000
    assert await taken(take) == (8, 1, 898, 60, 48, until_midnight)
    await clock.forward(400)
    assert await taken(take) == (7, 1, 897, 60, 47, until_midnight)
    await meter.close()


async def test_what_one_window_refuses_counts_in_none() -> None:
    """Also in those that were counted in before it was asked."""
    meter = LocalMeter(None, clock=Clock())
    wide, narrow = rates("wide", "100/m"), rates("narrow", "3/m")
    take = meter.account([(wide, "anna"), (narrow, "anna")])
    found = [await taken(take) for _ in range(9)]
    assert [isinstance(one, Verdict) and bool(one.refused) for one in found] == [False] * 3 + [
        True
    ] * 6
    assert await passes(meter, wide, 200) == 97
    await meter.close()


async def test_all_accounts_of_a_key_are_one_count(tmp_path: Path) -> None:
    """Of one meter, of another process's, and the long way."""
    limit = rates("a", "30/m")
    meters = [LocalMeter(tmp_path / "limits") for _ in range(2)]
    takes = [meter.account([(limit, "anna")]) for meter in meters for _ in range(2)]
    passed = 0
    for _ in range(5):
        for take in takes:
            found = await taken(take)
            passed += not (isinstance(found, Verdict) and found.refused)
    assert passed == 20
    assert await passes(meters[0], limit, 30) == 10
    for meter in meters:
        await meter.close()


async def test_a_row_that_is_gone_is_made_anew(tmp_path: Path) -> None:
    """A key that was reset, by whatever process, begins anew."""
    limit = rates("a", "3/m")
    meter, peer = LocalMeter(tmp_path / "limits"), LocalMeter(tmp_path / "limits")
    take = meter.account([(limit, "anna")])
    for _ in range(2):
        assert [bool(getattr(await taken(take), "refused", ())) for _ in range(4)] == [
            *[False] * 3,
            True,
        ]
        assert await peer.reset(limit, "anna")
    for one in (meter, peer):
        await one.close()


async def test_a_key_without_a_row_of_its_own_shares_one() -> None:
    """Whoever invents keys comes to share one count, by accounts too."""
    meter = LocalMeter(None)
    limit = rates("a", "2/m", max_keys=16)
    passed = 0
    for number in range(300):
        found = await taken(meter.account([(limit, f"invented {number}")]))
        passed += not (isinstance(found, Verdict) and found.refused)
    assert passed <= 2 * 16 + 2 + 32
    late = meter.account([(limit, "late")])
    for _ in range(2):
        found = await taken(late)
        assert isinstance(found, Verdict)
        assert found.refused
    await meter.close()


async def test_its_row_counts_for_as_long_as_its_longest_window() -> None:
    """Nobody gets the row of a key that has still used something."""
    clock = Clock()
    meter = LocalMeter(None, clock=clock)
    made: tuple[Limit, ...] = limits("a", [parse("5/s"), parse("9/m"), parse("7/10s")])
    take = meter.account([(limit, "anna") for limit in made])
    for _ in range(3):
        await taken(take)
    await clock.forward(59_000)
    assert [one.key async for one in meter.usage(made[0])] == ["anna"]
    await clock.forward(2000)
    assert [one async for one in meter.usage(made[0])] == []
    await meter.close()


async def test_calls_at_a_time_are_left_to_the_long_way() -> None:
    """They have places, which are given back: an account says so by its Verdict."""
    meter = LocalMeter(None)
    take = meter.account([(rates("a", "9/m", concurrent=1), "anna")])
    for refused in (False, True):
        found = await taken(take)
        assert isinstance(found, Verdict)
        assert bool(found.refused) is refused
    await meter.close()


async def test_another_process_at_the_row_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be counted at once is counted a moment later, and no lock stays held."""
    meter = LocalMeter(tmp_path / "limits")
    take = meter.account([(rates("a", "9/m"), "anna")])
    await taken(take)
    locks = meter._locks
    assert locks is not None
    enter, busy = locks.enter, [True, True]

    def contended(stripe: int) -> None:
        if busy:
            busy.pop()
            raise BlockingIOError
        enter(stripe)

    monkeypatch.setattr(locks, "enter", contended)
    found = take()
    assert inspect.isawaitable(found)
    async with asyncio.timeout(5):
        verdict = await found
    assert isinstance(verdict, Verdict)
    assert [left for _, left, _ in verdict.standings] == [7]
    assert await taken(take) == (6, 60)
    await meter.close()
