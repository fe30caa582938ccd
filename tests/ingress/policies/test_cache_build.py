"""Which routes have the cache's policies."""

from collections.abc import Sequence

from ingress import routefile
from ingress.compile import compile_plans
from ingress.plan import Plan
from ingress.policies.cache import Cache

OFF = """
routes:
  - {route: GET /a, operation: a.get}
  - {route: PUT /a, operation: a.put}
"""
ON = """
defaults: {cache: {ttl: 10s, stale_if_error: 1m}}
routes:
  - {route: GET /a, operation: a.get, cache: {ttl: 20s}, bulkhead: {max_in_flight: 1}}
  - {route: PUT /a, operation: a.put}
  - {route: ANY /b, operation: a.any}
  - {route: GET /c, operation: a.get, cache: off}
"""


def names(plan: Plan) -> list[str]:
    return [policy.name for policy in plan.policies]


def plans(text: str) -> Sequence[Plan]:
    return compile_plans(routefile.parse(text.encode(), environment={}))


def test_what_is_off_is_not_there() -> None:
    """No route asks for a cache: no route has anything of one."""
    assert [names(plan) for plan in plans(OFF)] == [[], []]


def test_each_method_has_what_it_needs() -> None:
    """Answers are stored for GET; what may change something drops them."""
    found = plans(ON)
    assert [names(plan) for plan in found] == [
        ["cache", "bulkhead"],
        ["invalidation"],
        ["cache", "invalidation"],
        [],
    ]


def test_a_cache_knows_what_stands_behind_it() -> None:
    """It has that run in a Flow of its own, also for calls that go to a variant."""
    first = plans(ON)[0].policies[0]
    assert isinstance(first, Cache)
    assert [policy.name for policy in first.fetch.behind] == ["bulkhead"]
    text = """
routes:
  - route: GET /a
    operation: a.get
    cache: {ttl: 10s}
    bulkhead: {max_in_flight: 1}
    variants: {next: {operation: b.get, weight: 50%}}
"""
    (plan,) = plans(text)
    assert names(plan) == ["variants", "cache", "bulkhead"]
    cache = plan.policies[1]
    assert isinstance(cache, Cache)
    assert [policy.name for policy in cache.fetch.behind] == ["bulkhead"]


def test_settings_overlay_key_by_key() -> None:
    """A route that says how long keeps what ``defaults`` say otherwise."""
    settings = plans(ON)[0].policies[0].settings()
    assert (settings["ttl"], settings["stale_if_error"]) == (20.0, 60.0)
