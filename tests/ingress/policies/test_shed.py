"""What is turned away, and what is learned from what was not."""

import time
from collections.abc import Iterator

import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.limit import ENOUGH, Limit, Limits, LimitSettings
from ingress.pipeline import Pipeline
from ingress.policies.shed import Shed, build
from tests.ingress.policies.asked import Asked
from tests.ingress.scripted import OK, flow, plan


def ticking() -> Iterator[float]:
    now = 0.0
    while True:
        now += 0.02
        yield now


def test_above_the_limit_it_is_503_at_once() -> None:
    """With Retry-After, in far less than 2 ms, and a place that is given back can be taken."""
    shed = Shed(Limit(LimitSettings(at_most=2)))
    assert [shed.admit(Asked()) for _ in range(2)] == [None, None]
    began = time.perf_counter()
    for _ in range(100):
        with pytest.raises(Fault):
            shed.admit(Asked())
    assert (time.perf_counter() - began) / 100 < 0.002
    with pytest.raises(Fault) as caught:
        shed.admit(Asked())
    assert repr(caught.value).startswith("<Fault overloaded 503 gateway not run")
    assert caught.value.retry_after == 1
    shed.settle(Asked())
    assert shed.admit(Asked()) is None
    assert shed.held() == {"in_flight": 2, "limit": 2.0}


@pytest.mark.parametrize(
    "code, attempts, down",
    [
        ("", 1, True),
        ("deadline", 1, True),
        ("busy", 1, True),
        ("client_gone", 1, False),
        ("broker_down", 1, False),
        ("worker_error", 1, False),
        ("", 2, False),
    ],
)
def test_it_learns_only_from_calls_that_tell_something(
    code: str, attempts: int, *, down: bool
) -> None:
    """One attempt, waited for to its end: answered, too late, or refused by a full queue."""
    clock = ticking()
    limit = Limit(LimitSettings())
    shed = Shed(limit, clock=lambda: next(clock))
    for number in range(3 * ENOUGH):
        asked = Asked()
        asked.fault = Fault(code) if code else None
        asked.attempts, asked.worker, asked.queued = attempts, 0.01, 0.001 if number < 1 else 0.1
        assert shed.admit(asked) is None
        shed.settle(asked)
    assert (limit.value < 100) is down
    assert limit.in_flight == 0


async def test_places_are_given_back_whatever_happens() -> None:
    """Answered, failed or crashed: nothing is in flight after."""
    limit = Limit(LimitSettings())
    shed = Shed(limit)

    async def answer(_: Flow) -> Reply:
        assert limit.in_flight == 1
        return OK

    async def fail(_: Flow) -> Reply:
        raise Fault("deadline")

    async def crash(_: Flow) -> Reply:
        raise ZeroDivisionError

    for dispatch in (answer, fail, crash):
        story = flow(plan(policies=(shed,), settlers=(shed,)))
        await Pipeline(dispatch, report=lambda *_: None).run(story)
        assert limit.in_flight == 0


def test_routes_share_the_limit_of_their_queue() -> None:
    """And bring their priorities to it; accepted work has no queue to wait in."""
    limits = Limits()
    asked = {"way": "q", "shedding": limits, "shed": {"at_most": 4}}
    low, high = build(asked), build({**asked, "priority": 9})
    assert low is not None
    assert high is not None
    assert [low.admit(Asked()) for _ in range(2)] == [None, None]
    with pytest.raises(Fault):
        low.admit(Asked())
    assert high.admit(Asked()) is None
    assert high.held()["in_flight"] == 3
    assert build({**asked, "accept": True}) is build({"way": "q"}) is None
    assert build({"way": "q", "shed": "off"}) is None
    assert repr(high) == "<Shed <Limit 3 of 4.0> priority=9>"
