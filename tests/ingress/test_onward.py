"""What stands behind the cache, in a Flow of its own."""

import asyncio

import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.flow import Flow
from ingress.onward import Onward
from ingress.policies.bulkhead import Bulkhead
from tests.ingress.scripted import OK, flow


async def test_it_runs_what_is_behind_for_the_same_caller() -> None:
    """The outer Flow is not touched; the inner one ends first, or has all the time when alone."""
    seen: list[Flow] = []

    async def run(inner: Flow) -> None:
        seen.append(inner)
        inner.reply = OK

    outer = flow()
    behind = (Bulkhead(1, 1, 1.0),)
    outer.identify(Identity(id="anna", scheme="key"))
    outer.notes["x"] = 1
    onward = Onward(run)
    inner = await onward(outer, outer.call, behind, alone=False)
    assert seen == [inner]
    assert seen[0].plan is not None
    assert seen[0].plan.policies == seen[0].plan.settlers == behind
    assert inner.identity == outer.identity
    assert inner.notes == {"x": 1}
    assert inner.notes is not outer.notes
    assert seen[0].received < outer.received
    assert inner.call.deadline == outer.call.deadline
    assert outer.reply is None
    await asyncio.sleep(0.01)
    await onward(outer, outer.call, behind, alone=True)
    assert seen[1].plan is seen[0].plan
    assert seen[1].received > outer.received
    assert seen[1].call.deadline > outer.call.deadline


async def test_a_call_without_a_route_has_nothing_behind() -> None:
    """That is a bug of ours, and no answer."""

    async def run(_: Flow) -> None:
        raise AssertionError

    stray = flow()
    stray.plan = None
    with pytest.raises(Fault, match="internal"):
        await Onward(run)(stray, stray.call, (), alone=True)


def test_what_it_took_is_told() -> None:
    """To the one whose request was sent, with who answered."""

    async def run(_: Flow) -> None: ...

    outer, inner = flow(), flow()
    inner.attempts, inner.waited, inner.worker, inner.paused = 2, 0.3, 0.2, 0.1
    inner.answered_by, inner.reply = "bulkhead", Reply()
    Onward(run).credit(outer, inner)
    assert (outer.attempts, outer.waited, outer.worker, outer.paused) == (2, 0.3, 0.2, 0.1)
    assert outer.notes["answered_by"] == "bulkhead"
