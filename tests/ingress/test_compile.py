"""From a route file to Plans."""

from typing import get_args

import pytest

from contracts.call import Call
from ingress import policies, routefile, values
from ingress.compile import DIALECTS, compile_plans
from ingress.plan import Breaker, Plan, Retry
from ingress.policies.port import Request
from ingress.policies.size import Size


def plans(text: str) -> tuple[Plan, ...]:
    return compile_plans(routefile.parse(text.encode(), environment={}))


def plan(rest: str = "", head: str = "") -> Plan:
    (only,) = plans(f"{head}\nroutes:\n  - {{route: POST /a, operation: s.o{rest}}}\n")
    return only


def test_plans_stand_in_the_order_of_the_file() -> None:
    """One Plan a route, named by its method and pattern."""
    found = plans(
        "routes: [{route: '* /b', operation: s.o}, {route: 'GET /a/{id}', operation: s.o}]"
    )
    assert [(one.name, one.method, one.pattern) for one in found] == [
        ("ANY /b", "ANY", "/b"),
        ("GET /a/{id}", "GET", "/a/{id}"),
    ]


def test_a_route_that_asks_for_nothing_has_no_policies() -> None:
    """What is off is not in the Plan; retries and a breaker are there by default."""
    found = plan()
    assert (found.policies, found.settlers) == ((), ())
    assert (found.timeout, found.max_body, found.idempotent, found.log) == (5.0, 2**20, False, True)
    assert found.retry == Retry()
    assert found.breaker == Breaker()


def test_settings_become_numbers() -> None:
    """Durations are seconds, sizes bytes, shares parts of one."""
    found = plan(
        ", timeout: 250ms, max_body: 2KiB, log: false, idempotent: true,"
        " retry: {attempts: 2, base: 10ms, cap: 1m, attempt_timeout: 1s},"
        " breaker: {failure_rate: 25%, window: 1m, min_calls: 5, open_for: 2s, probes: 4}"
    )
    assert (found.timeout, found.max_body, found.log, found.idempotent) == (0.25, 2048, False, True)
    assert found.retry == Retry(attempts=2, base=0.01, cap=60.0, attempt_timeout=1.0)
    assert found.breaker == Breaker(
        failure_rate=0.25, window=60.0, min_calls=5, open_for=2.0, probes=4
    )


def test_off_leaves_no_retry_and_no_breaker() -> None:
    """Both can be switched off, and then are not there."""
    found = plan(", retry: off, breaker: off")
    assert (found.retry, found.breaker) == (None, None)


def test_policies_stand_in_the_order_of_their_slots() -> None:
    """However the file orders them."""
    found = plan(", body: {media: [application/json]}, max_body: 1KiB")
    assert [policy.name for policy in found.policies] == ["size", "media"]


def test_who_wants_to_see_the_answer_sees_it_in_reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last to admit is the first to settle, and the others are not asked at all."""

    class Settles(Size):
        def settle(self, flow: Request) -> None:
            """Look at the answer."""

    first, other, last = Settles(1), Size(2), Settles(3)
    monkeypatch.setattr(policies, "build", lambda _: (first, other, last))
    found = plan()
    assert found.policies == (first, other, last)
    assert found.settlers == (last, first)


def test_a_default_asks_for_a_policy_on_every_route() -> None:
    """A limit in `defaults` holds as if each route had written it."""
    assert [one.name for one in plan(head="defaults: {max_body: 1KiB}").policies] == ["size"]


def test_the_target_is_a_queue_by_name_or_an_exchange() -> None:
    """A queue is reached by the default exchange with its name as key."""
    assert (plan().target.exchange, plan().target.routing_key) == ("", "s")
    target = plan(", exchange: bus").target
    assert (target.exchange, target.routing_key, target.operation) == ("bus", "s.o", "s.o")


def test_every_dialect_that_a_file_may_name_is_there() -> None:
    """And each has the name that the file calls it by."""
    assert set(get_args(values.DialectName)) == set(DIALECTS)
    assert all(dialect.name == name for name, dialect in DIALECTS.items())
    assert plan(head="services: {s: {dialect: raw}}").target.dialect is DIALECTS["raw"]


def test_a_route_may_only_accept() -> None:
    """It does so when it says so, and not by default."""
    assert (plan().accept, plan(", accept: true").accept) == (False, True)


def test_a_bulkhead_outlives_a_reload_with_the_same_settings() -> None:
    """Calls that are on their way go on to count; with other settings it begins anew."""
    text = "routes: [{{route: POST /a, operation: s.o, bulkhead: {{max_in_flight: {}}}}}]"

    def read(limit: int, before: tuple[Plan, ...] = ()) -> tuple[Plan, ...]:
        return compile_plans(routefile.parse(text.format(limit).encode(), environment={}), before)

    first = read(5)
    (bulkhead,) = first[0].policies
    assert first[0].settlers == (bulkhead,)
    assert bulkhead.settings() == {"max_in_flight": 5, "max_waiting": 100, "wait": 0.1}
    assert read(5, first)[0].policies[0] is bulkhead
    assert read(6, first)[0].policies[0] is not bulkhead
    assert plan(", bulkhead: off", head="defaults: {bulkhead: {}}").policies == ()


def test_a_priority_goes_into_the_message() -> None:
    """By the dialect that the route speaks; without one the message has none."""
    call = Call(id="r", operation="s.o")

    def priority(rest: str) -> int | None:
        dialect = plan(rest).target.dialect
        message = dialect.request(call, correlation_id="c", reply_to="q", expiration_ms=1)
        return message.priority

    assert (priority(""), priority(", priority: 0"), priority(", priority: 9")) == (None, 0, 9)
