"""The order in which routes are tried."""

from hypothesis import given
from hypothesis import strategies as st

from ingress.router import Router
from ingress.routing.order import in_order
from tests.ingress.routing.plans import of, taken

ROUTES = (
    "route: 'GET /a', match: {hosts: [h.test], headers: {x: '1'}}",
    "route: 'GET /a', match: {hosts: [h.test]}",
    "route: 'GET /{x}', match: {hosts: [h.test]}",
    "route: GET /a, match: {hosts: ['*.long.test']}",
    "route: GET /a, match: {hosts: ['*.test']}",
    "route: GET /a, match: {headers: {x: '1'}, priority: 1}",
    "route: GET /a, match: {headers: {x: '1'}, query: {y: '1'}}",
    "route: GET /a",
    "route: ANY /a",
    "route: 'GET /{x:int}'",
    "route: 'GET /{x}'",
    "route: 'GET /{x...}'",
)
ORDERED = [plan.name for plan in of(*ROUTES)]


@given(st.permutations(ROUTES))
def test_the_order_of_the_file_means_nothing(routes: list[str]) -> None:
    """Host, path, method, priority, number of conditions: in this order."""
    assert [plan.name for plan in in_order(of(*routes))] == ORDERED


def test_the_first_that_takes_a_request_is_the_one_that_the_router_gives() -> None:
    """For what fits several of them."""
    router = Router(of(*ROUTES))
    x = ("x", "1")
    assert taken(router, "GET /a", ("host", "H.test:80"), x) == ORDERED[0]
    assert taken(router, "GET /a", ("host", "h.test")) == ORDERED[1]
    assert taken(router, "GET /b", ("host", "h.test")) == ORDERED[2]
    assert taken(router, "GET /a", ("host", "a.b.long.test")) == ORDERED[3]
    assert taken(router, "GET /a", ("host", "long.test")) == ORDERED[4]
    assert taken(router, "GET /a?y=1", x) == ORDERED[5]
    assert taken(router, "GET /a", ("host", "test")) == ORDERED[7]
    assert taken(router, "PUT /a") == ORDERED[8]
    assert taken(router, "GET /7", ("host", "h.tests")) == ORDERED[9]
    assert taken(router, "GET /b") == ORDERED[10]
    assert taken(router, "GET /b/c", ("host", "h.test")) == ORDERED[11]
