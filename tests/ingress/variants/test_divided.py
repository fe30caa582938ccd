"""A policy of the slot HOLD for a route with variants."""

from msgspec.structs import replace

from ingress.policies.bulkhead import Bulkhead
from ingress.variants.divided import Divided
from tests.ingress.policies.asked import Asked


def test_each_call_is_held_by_the_policy_of_its_plan() -> None:
    """And given back to the same one."""
    one, other = Bulkhead(1, 0, 0.1), Bulkhead(1, 0, 0.1)
    both = Divided("bulkhead", {"GET /a": one, "GET /a ~n": other})
    asked = Asked()
    asked.call = replace(asked.call, route="GET /a ~n")
    assert both.admit(asked) is None
    assert (one.held()["in_flight"], other.held()["in_flight"]) == (0, 1)
    assert both.held()["in_flight"] == 1
    both.settle(asked)
    assert both.held()["in_flight"] == 0


def test_its_settings_are_the_routes() -> None:
    """With the names, so that a reload with other variants begins anew."""
    one = Bulkhead(1, 0, 0.1)
    assert Divided("bulkhead", {"a": one, "b": one}).settings() == {
        **one.settings(),
        "variants": ["a", "b"],
    }
