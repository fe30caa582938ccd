"""What is handed to the journal."""

import pytest

from ingress.flow import Flow
from ingress.journal.recording import Recording
from ingress.observers.journal import Journaling
from tests.ingress import scripted


def test_routes_that_ask_for_it_are_handed_over() -> None:
    """A route without a recording costs a look and nothing more."""
    kept: list[Flow] = []
    observe = Journaling(kept.extend)
    wanted = scripted.flow(scripted.plan(journal=Recording()))
    observe(wanted)
    observe(scripted.flow(scripted.plan()))
    assert kept == [wanted]


def test_a_turn_is_handed_over_at_once() -> None:
    """Those of one turn of the event loop come together, in order, without what nobody wants."""
    kept: list[list[Flow]] = []
    observe = Journaling(kept.append)
    wanted = [scripted.flow(scripted.plan(journal=Recording())) for _ in range(2)]
    other = scripted.flow(scripted.plan())
    observe.many([wanted[0], other, wanted[1]])
    observe.many([other])
    assert kept == [wanted]


@pytest.mark.parametrize("unmatched", [False, True])
def test_requests_without_a_route_are_a_setting(unmatched: bool) -> None:  # noqa: FBT001
    """What met no route is handed over where that is wanted."""
    kept: list[Flow] = []
    observe = Journaling(kept.extend)
    observe.unmatched = unmatched
    flow = scripted.flow()
    flow.plan = None
    observe(flow)
    assert bool(kept) is unmatched


def test_a_sample_is_a_share() -> None:
    """About the share that was asked for is handed over."""
    kept: list[Flow] = []
    observe = Journaling(kept.extend)
    flow = scripted.flow(scripted.plan(journal=Recording(sample=0.5)))
    for _ in range(2000):
        observe(flow)
    assert 800 < len(kept) < 1200
