"""Plans are records."""

import pytest
from msgspec.structs import replace

from ingress.compile import DIALECTS
from ingress.plan import Plan, Target, every, holders
from ingress.policies.bulkhead import Bulkhead
from ingress.policies.size import Size
from tests.ingress.scripted import plan


def test_a_plan_cannot_change_under_a_request() -> None:
    """A reload makes new Plans; one that a request began with stays as it was."""
    target = Target(operation="s.o", dialect=DIALECTS["raw"], routing_key="s")
    record = Plan(name="GET /", method="GET", pattern="/", target=target)
    with pytest.raises(AttributeError):
        record.timeout = 1.0  # type: ignore[misc]


def test_the_policies_that_hold_places_are_found() -> None:
    """Each with its route's name; others are not among them."""
    bulkhead, size = Bulkhead(1, 0, 1), Size(1)
    plans = (plan(name="GET /a", policies=(size, bulkhead)), plan(name="GET /b", policies=(size,)))
    assert list(holders(plans)) == [("GET /a", bulkhead)]


def test_a_plan_counts_with_those_that_its_calls_may_go_by() -> None:
    """For whoever has to know every place that calls go to."""
    one, other = plan(), replace(plan(), name="GET /x ~next")
    assert [found.name for found in every([replace(one, variants=(other,)), one])] == [
        one.name,
        "GET /x ~next",
        one.name,
    ]
