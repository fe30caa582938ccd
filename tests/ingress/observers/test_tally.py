"""Counts that wait."""

from contracts.call import Call
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.observers.tally import BOUNDS, Durations, Tally
from tests.ingress.door import plan


def test_a_bound_belongs_to_the_bucket_below_it() -> None:
    """As Prometheus counts: less than or equal; beyond the last there is one more."""
    durations = Durations()
    for seconds in (0.0, BOUNDS[0], BOUNDS[0] + 1e-9, BOUNDS[-1], 1e9):
        durations.add(seconds)
    assert (durations.counts[0], durations.counts[1]) == (2, 1)
    assert (durations.counts[-2], durations.counts[-1]) == (1, 1)
    assert durations.total > 1e9


def test_outcomes_are_told_apart_and_retries_added() -> None:
    """By status, code and blame; a request that was not sent has one duration only."""
    tally = Tally()
    for status, fault, attempts in (
        (200, None, 1),
        (200, None, 3),
        (503, Fault("no_route"), 1),
        (404, Fault("not_found"), 0),
    ):
        flow = Flow(Call(id="1", operation="a.b"), plan("GET /x"), received=1.0)
        flow.status, flow.fault, flow.attempts, flow.finished = status, fault, attempts, 1.5
        tally.add(flow)
    assert tally.outcomes == {
        (200, "", ""): 2,
        (503, "no_route", "broker"): 1,
        (404, "not_found", "caller"): 1,
    }
    assert tally.retries == 2
    assert [sum(one.counts) for one in tally.times] == [4, 3, 3, 3]
    assert repr(tally) == "<Tally of 4>"
