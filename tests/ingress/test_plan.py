"""Plans are records."""

import pytest

from ingress.compile import DIALECTS
from ingress.plan import Plan, Target


def test_a_plan_cannot_change_under_a_request() -> None:
    """A reload makes new Plans; one that a request began with stays as it was."""
    target = Target(operation="s.o", dialect=DIALECTS["raw"], routing_key="s")
    plan = Plan(name="GET /", method="GET", pattern="/", target=target)
    with pytest.raises(AttributeError):
        plan.timeout = 1.0  # type: ignore[misc]
