"""What entries must agree on."""

import pytest

from ingress import routecheck, yamlfile


def complaints(text: str) -> list[str]:
    document = yamlfile.parse(text.encode(), source="g", environment={})
    return [str(problem) for problem in routecheck.problems(document)]


def routes(*lines: str, services: str = "") -> list[str]:
    head = f"services: {services}\n" if services else ""
    return complaints(f"{head}routes:\n" + "".join(f"  - {{{line}}}\n" for line in lines))


def test_the_same_route_twice_names_both_lines() -> None:
    """A second declaration is told with the line of the first."""
    assert routes("route: GET /a", "route: GET /b", "route: GET /a") == [
        "g:4:13: routes[2].route: GET /a is declared twice, first in line 2 (keep one of the two)"
    ]


def test_routes_that_differ_in_parameter_names_alone_clash() -> None:
    """They take the same requests, so neither could win."""
    assert routes("route: 'GET /a/{x}'", "route: 'GET /a/{y}'") == [
        (
            "g:3:13: routes[1].route: GET /a/{y} takes the same requests as GET /a/{x},"
            " first in line 2 (keep one of the two)"
        )
    ]


def test_a_star_and_any_clash() -> None:
    """They are the same method."""
    assert "ANY /a is declared twice" in routes("route: '* /a'", "route: ANY /a")[0]


def test_routes_of_which_one_is_more_precise_do_not_clash() -> None:
    """A literal beats a parameter, a parameter a tail, a method ANY, and a slash counts."""
    patterns = ["GET /a", "GET /a/", "GET /{x}", "GET /{x...}", "ANY /a", "POST /a", "GET /a/{x}"]
    assert routes(*(f"route: '{one}'" for one in patterns)) == []


def test_a_service_that_is_not_declared_is_a_problem() -> None:
    """When services are declared, a route's must be among them."""
    assert routes("operation: order.get", services="{orders: {}}") == [
        "g:3:17: routes[0].operation: no service 'order' is declared (did you mean orders?)"
    ]
    assert "add billing to `services`" in routes("operation: billing.x", services="{orders: {}}")[0]


def test_without_services_any_operation_will_do() -> None:
    """A file that declares no services promises nothing about them."""
    assert routes("operation: order.get") == []


def test_an_operation_that_the_service_does_not_list_is_a_problem() -> None:
    """When a service lists its operations, a route's must be among them."""
    services = "{orders: {operations: [get, create]}}"
    assert routes("operation: orders.gte", services=services) == [
        (
            "g:3:17: routes[0].operation: the service orders offers no 'orders.gte'"
            " (did you mean orders.get?)"
        )
    ]
    assert routes("operation: orders.get", services=services) == []
    assert routes("operation: orders.anything", services="{orders: {}}") == []


def test_a_queue_and_an_exchange_exclude_each_other() -> None:
    """A call goes to a queue by its name, or to an exchange, not both."""
    assert "exclude each other" in routes("queue: a, exchange: b")[0]
    assert "exclude each other" in complaints("services: {x: {queue: a, exchange: b}}")[0]


def test_a_routing_key_needs_an_exchange() -> None:
    """The route's own, or its service's that the route does not override by a queue."""
    services = "{x: {exchange: b}}"
    assert "needs an exchange" in routes("routing_key: k, operation: y.z")[0]
    assert routes("routing_key: k, operation: x.z", services=services) == []
    assert routes("routing_key: k, exchange: e, operation: y.z") == []
    overridden = routes("routing_key: k, operation: x.z, queue: q", services=services)
    assert "needs an exchange" in overridden[0]


def test_base_and_cap_are_compared_as_they_will_hold() -> None:
    """The pauses of a route are held against each other over those of the defaults."""
    text = "defaults: {retry: {cap: 5s}}\nroutes: [{retry: {base: 1s}}]"
    assert complaints(text) == []
    assert "base (1s) is longer than cap (250ms)" in routes("retry: {base: 1s}")[0]
    assert "base (25ms) is longer than cap (5ms)" in complaints("defaults: {retry: {cap: 5ms}}")[0]


def test_what_has_not_the_shape_it_needs_is_passed_over() -> None:
    """The model complains about shapes; here they only must not hurt."""
    for text in (
        "",
        "[]",
        "routes: 5",
        "routes: [5, {route: 5, operation: 5, retry: {base: x}}]",
        "routes: [{operation: a.b}]\nservices: {a: 5}",
        "routes: [{operation: a.b}]\nservices: {a: {operations: 5}}",
        "defaults: {retry: 5}",
    ):
        assert complaints(text) == []


@pytest.mark.parametrize(
    "rest, head, said",
    [
        ("accept: true", "", "accepted work may wait for its worker"),
        ("exchange: bus", "", "not of an exchange"),
        ("log: true", "services: {s: {exchange: bus}}", "not of an exchange"),
        ("queue: q", "services: {s: {exchange: bus}}", ""),
        ("log: true", "defaults: {require_worker: true}", ""),
    ],
)
def test_a_worker_is_required_only_where_it_can_be_known(rest: str, head: str, said: str) -> None:
    """Of a queue, and by calls that wait."""
    text = f"{head}\nroutes: [{{route: GET /a, operation: s.o, require_worker: true, {rest}}}]"
    found = complaints(text)
    assert (said in " ".join(found)) if said else found == []


@pytest.mark.parametrize(
    "shed, head, said",
    [
        ("{at_least: 50, at_most: 10}", "", "at_least (50) is more than at_most (10)"),
        ("{at_least: 2000}", "", "at_least (2000) is more than at_most (1000)"),
        ("{at_least: 9}", "defaults: {shed: {at_most: 8}}", "at_least (9) is more than"),
        ("off", "defaults: {shed: {at_most: 1}}", "at_least (2) is more than at_most (1)"),
        ("{}, accept: true", "", "accepted work waits in its queue"),
        ("off, accept: true", "", ""),
        ("{at_least: few}", "", ""),
        ("{}", "defaults: {shed: off}", ""),
    ],
)
def test_limits_make_sense(shed: str, head: str, said: str) -> None:
    """As they will be once defaults are laid under them, and where they have something to limit."""
    text = f"{head}\nroutes: [{{route: GET /a, operation: s.o, shed: {shed}}}]"
    found = complaints(text)
    assert (said in " ".join(found)) if said else found == []
