"""What routes that call several operations must agree on."""

import pytest

from ingress.plan import every
from tests.ingress.routing.plans import of
from tests.ingress.routing.test_clashes import complaints


@pytest.mark.parametrize("more", ["shed: {}", "mirror: {queue: q}", "accept: true", "queue: q"])
def test_what_needs_one_queue_is_refused(more: str) -> None:
    """There are several."""
    branches = "fan_out: {branches: {a: {operation: s.a}}}"
    found = complaints(f"route: GET /a, {branches}, {more}")
    assert any("has no one queue for" in one for one in found)


def test_a_branch_cannot_be_called_partial() -> None:
    """And its operation must be there."""
    head = "services: {s: {operations: [o0, a]}}"
    found = complaints("route: GET /a, fan_out: {branches: {partial: {operation: s.b}}}", head=head)
    assert any(one.startswith("'partial' is the member") for one in found)
    assert any(one.startswith("the service s offers no 's.b'") for one in found)


def test_each_branch_has_a_breaker_and_retries_of_its_own() -> None:
    """The whole has neither; what defaults say of queues is not for it."""
    (plan,) = of(
        "route: GET /a, fan_out: {branches: {a: {operation: s.a}, b: {operation: s.b}}}",
        head="defaults: {shed: {}, require_worker: true}",
        operation=False,
    )
    assert (plan.retry, plan.breaker, plan.policies) == (None, None, ())
    names = {one.name: (one.retry is not None, one.breaker is not None) for one in every([plan])}
    assert names == {
        "GET /a": (False, False),
        "GET /a +a": (True, True),
        "GET /a +b": (True, True),
    }
