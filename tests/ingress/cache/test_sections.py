"""The settings, strictly."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError

ROUTE = "routes: [{{route: GET /a, operation: a.b, cache: {}}}]"


@pytest.mark.parametrize(
    "text, place",
    [
        (ROUTE.format("{ttl: 10}"), "a duration"),
        (ROUTE.format("{tll: 10s}"), "no such key"),
        (ROUTE.format("{headers: ['a b']}"), "cache.headers"),
        (ROUTE.format("{heuristic: 10}"), "a share"),
        (ROUTE.format("on"), "cache"),
        ("cache: {size: 1KiB}\n" + ROUTE.format("off"), "cache.size"),
    ],
)
def test_what_is_wrong_is_told(text: str, place: str) -> None:
    """With the place, and what to write."""
    with pytest.raises(ConfigError) as caught:
        routefile.parse(text.encode(), environment={})
    assert place in str(caught.value)


def test_what_is_right_is_taken() -> None:
    """In seconds and bytes; header names in lower case."""
    text = ROUTE.format("{ttl: 1m, max_entry: 1KiB, query: [], headers: [X-Tenant]}")
    cache = routefile.parse(text.encode(), environment={}).routes[0].cache
    assert cache != "off"
    assert (cache.ttl, cache.max_entry, cache.query, cache.headers) == (60, 1024, (), ("x-tenant",))
