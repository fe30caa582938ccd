"""From the route file to a route's variants."""

from ingress.plan import every
from ingress.variants.divided import Divided
from tests.ingress.routing.plans import of, plans

TEXT = """
services:
  s: {queue: s.work}
  t: {exchange: bus}
routes:
  - route: GET /a
    operation: s.o
    shed: {}
    retry: off
    variants:
      same: {operation: s.p, weight: 1%}
      queue: {queue: s.next}
      other: {operation: t.o}
      key: {exchange: bus, routing_key: k}
"""


def test_what_is_left_out_is_as_for_the_route() -> None:
    """Another service's operation goes where that service is."""
    (route,) = plans(TEXT)
    found = {
        one.name: (one.target.operation, one.target.exchange, one.target.routing_key)
        for one in every([route])
    }
    assert found == {
        "GET /a": ("s.o", "", "s.work"),
        "GET /a ~same": ("s.p", "", "s.work"),
        "GET /a ~queue": ("s.o", "", "s.next"),
        "GET /a ~other": ("t.o", "bus", "t.o"),
        "GET /a ~key": ("s.o", "bus", "k"),
    }
    assert all(one.retry is None and one.breaker for one in route.variants)


def test_what_looks_at_a_queue_looks_at_the_right_one() -> None:
    """And stands where it stood; a route without variants has none of it."""
    (route,) = plans(TEXT)
    assert [one.name for one in route.policies] == ["variants", "shed"]
    assert isinstance(route.policies[1], Divided)
    assert route.settlers == (route.policies[1],)
    (plain,) = of("route: GET /a, shed: {}")
    assert [type(one).__name__ for one in plain.policies] == ["Shed"]
