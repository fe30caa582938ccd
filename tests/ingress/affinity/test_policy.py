"""Sending all calls of one key the same way."""

import pytest

from contracts.call import Call
from contracts.fault import Fault
from ingress.affinity.hashing import lane_of
from ingress.affinity.policy import Affinity, ways_of
from ingress.flow import Flow
from tests.ingress.routing.plans import of


def admit(route: str, **params: str) -> Flow:
    (plan,) = of(route)
    (policy,) = plan.policies
    flow = Flow(Call(id="1", operation="s.o0", route=plan.name, params=params), plan, 0.0)
    assert policy.admit(flow) is None
    return flow


LANES = "route: 'GET /a/{id}', affinity: {by: ['path:id'], lanes: 4}"
EXCHANGE = "route: 'GET /a/{id}', exchange: hash, affinity: {by: ['path:id']}"


def test_a_key_has_its_lane() -> None:
    """A queue with its number behind the name; breaker and label stay the route's."""
    flow = admit(LANES, id="7")
    assert flow.plan is not None
    assert flow.plan.target.routing_key == f"s.{lane_of('path:id=7', 4)}"
    assert flow.route == "GET /a/{id}"
    assert {admit(LANES, id=str(n)).plan.target.routing_key for n in range(40)} == {  # type: ignore[union-attr]
        "s.0",
        "s.1",
        "s.2",
        "s.3",
    }


def test_an_exchange_gets_the_key_as_routing_key() -> None:
    """Hashed, since a stranger's text may be long and anything."""
    keys = set()
    for value in ("7", "7", "8", "x" * 5000):
        plan = admit(EXCHANGE, id=value).plan
        assert plan is not None
        assert plan.target.exchange == "hash"
        keys.add(plan.target.routing_key)
    assert {len(key) for key in keys} == {16}
    assert len(keys) == 3


def test_each_variant_has_lanes_of_its_own() -> None:
    """A call that was diverted before goes to a lane of where it was sent."""
    own, other = of("route: 'GET /a/{id}'", "route: 'GET /b/{id}', queue: b")
    ways = {plan.name: ways_of(plan, 2) for plan in (own, other)}
    for plan in (own, other):
        call = Call(id="1", operation="s.o", route=plan.name, params={"id": "7"})
        flow = Flow(call, plan, 0.0)
        assert Affinity(["path:id"], ways).admit(flow) is None
        assert flow.plan in ways[plan.name]


def test_a_call_without_a_key_is_refused() -> None:
    """Nobody could say before which others it came."""
    with pytest.raises(Fault, match="invalid_request"):
        admit("route: 'GET /a/{id}', affinity: {by: ['header:x'], lanes: 4}", id="7")


def test_a_route_gets_it_if_it_asks_for_it() -> None:
    """All its queues are known to who looks after dead letters."""
    (plan,) = of(LANES)
    assert isinstance(plan.policies[0], Affinity)
    assert plan.policies[0].settings() == {"by": ["path:id"], "lanes": 4}
    assert [one.target.routing_key for one in plan.variants] == ["s.0", "s.1", "s.2", "s.3"]
