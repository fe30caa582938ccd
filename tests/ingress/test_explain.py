"""What happens on a route, and why."""

import pytest

from ingress import explain, routefile
from ingress.compile import compile_plans
from ingress.explain import Explanation

TEXT = """\
defaults: {timeout: 3s}
routes:
  - route: POST /v1/orders
    operation: orders.create
    max_body: 64KiB
    body: {media: [application/json]}
    retry: {attempts: 2, attempt_timeout: 1s}
  - {route: 'GET /v1/orders/{id}', operation: orders.get, breaker: off}
  - {route: 'GET /v1/orders', operation: orders.get, retry: off, exchange: bus}
  - {route: '* /any', operation: any.any}
"""
FILE = routefile.parse(TEXT.encode(), source="g.yaml", environment={})
PLANS = compile_plans(FILE)


def explained(index: int) -> Explanation:
    return explain.explain(FILE, PLANS, index)


@pytest.mark.parametrize(
    "words, found",
    [
        ("POST /v1/orders", [0]),
        ("post   /v1/orders", [0]),
        ("GET /v1/orders/{id}", [1]),
        ("GET /v1/orders/42", [1]),
        ("HEAD /v1/orders/42?x=1", [1]),
        ("/v1/orders", [2, 0]),
        ("/v1/orders/{id}", [1]),
        ("/v1/orders/42", [1]),
        ("orders.get", [1, 2]),
        ("* /any", [3]),
        ("PATCH /any", [3]),
        ("DELETE /v1/orders", []),
        ("orders", []),
        ("", []),
    ],
)
def test_a_route_is_found_by_name_request_path_or_operation(words: str, found: list[int]) -> None:
    """However a person has it at hand."""
    assert sorted(explain.find(PLANS, words)) == sorted(found)


def test_it_says_where_the_route_stands() -> None:
    """With the file, the line and the parameters."""
    one = explained(1)
    assert (one.route, one.operation) == ("GET /v1/orders/{id}", "orders.get")
    assert (one.file, one.line, one.parameters) == ("g.yaml", 8, ("id",))


def test_policies_are_told_in_order_with_settings_and_reasons() -> None:
    """Each with its slot and why it stands there."""
    size, media = explained(0).policies
    assert (size.name, size.slot, size.settings) == ("size", "EDGE", {"max_body": "64KiB"})
    assert media.settings["media"] == "[application/json]"
    assert media.slot == "SHAPE"
    assert "only a valid request makes a cache key" in media.reason
    assert explained(1).policies == ()


def test_the_dispatch_is_told_from_outside_in() -> None:
    """Retry, breaker, timeout, each with the reason for its place; off has no settings."""
    retry, breaker, timeout = explained(0).dispatch
    assert [retry.name, breaker.name, timeout.name] == ["retry", "breaker", "timeout"]
    assert retry.settings["attempts"] == "2"
    assert breaker.settings["failure_rate"] == "50%"
    assert timeout.settings == {"timeout": "3s", "attempt_timeout": "1s"}
    assert "sees a timeout and not a cancellation" in timeout.reason
    assert explained(1).dispatch[1].settings == {}


def test_it_says_when_a_call_is_tried_again() -> None:
    """What did not run always, what may have run only where that is safe, off never."""
    once, keyed = explained(0).retried_when
    assert "known not to have run" in once
    assert "Idempotency-Key" in keyed
    assert "the route is idempotent (method GET)" in explained(1).retried_when[1]
    assert explained(2).retried_when == ()


def test_it_says_where_the_call_goes() -> None:
    """A queue by its name, or an exchange with a key, in a dialect."""
    assert explained(0).target == {
        "operation": "orders.create",
        "queue": "orders",
        "dialect": "queuegate",
    }
    assert explained(2).target["exchange"] == "bus"
    assert explained(2).target["routing_key"] == "orders.get"


def test_every_setting_says_where_it_comes_from() -> None:
    """The route or defaults with the line, or what is built in."""
    sources = {one.name: (one.value, one.origin, one.line) for one in explained(0).settings}
    assert sources["timeout"] == ("3s", "defaults", 1)
    assert sources["retry.attempts"] == ("2", "route", 7)
    assert sources["breaker.window"] == ("30s", "built in", 0)
    assert explained(0).limits == {"timeout": "3s", "max_body": "64KiB"}


def test_a_route_that_only_accepts_says_so() -> None:
    """Instead of an answer there is the broker's word, told as the innermost step."""
    text = "routes: [{route: POST /a, operation: a.b, accept: true}]"
    file = routefile.parse(text.encode(), source="g.yaml", environment={})
    one = explain.explain(file, compile_plans(file), 0)
    assert (one.dispatch[-1].name, one.dispatch[-1].settings) == ("accept", {"accept": "true"})
    assert "202" in one.dispatch[-1].reason


def test_a_priority_is_told_with_the_way() -> None:
    """It says something about the queue, so it stands beside it."""
    text = "routes: [{route: POST /a, operation: a.b, priority: 9}]"
    file = routefile.parse(text.encode(), source="g.yaml", environment={})
    one = explain.explain(file, compile_plans(file), 0)
    assert one.target == {"operation": "a.b", "queue": "a", "dialect": "queuegate", "priority": "9"}
