"""Groups of routes."""

import pytest

from ingress import layers, routefile
from ingress.compile import compile_plans
from ingress.routing import groups
from ingress.routing.sections import MatchSection

TEXT = b"""
defaults: {timeout: 9s, retry: {attempts: 5}}
groups:
  shop:
    prefix: /shop
    match: {hosts: [a.test], headers: {x: "1", y: "1"}}
    timeout: 2s
    retry: {base: 50ms}
routes:
  - {route: GET /, operation: s.o, group: shop}
  - {route: GET /a, operation: s.o, group: shop, timeout: 1s, match: {headers: {y: "2"}}}
  - {route: GET /b, operation: s.o}
"""


def test_a_group_gives_its_routes_a_beginning_conditions_and_settings() -> None:
    """Its settings lie between the route's own and the defaults."""
    first, second, third = compile_plans(routefile.parse(TEXT))
    assert first.name == "GET /shop [a.test, x: 1, y: 1]"
    assert second.name == "GET /shop/a [a.test, x: 1, y: 2]"
    assert [one.timeout for one in (first, second, third)] == [2.0, 1.0, 9.0]
    assert first.retry is not None
    assert (first.retry.attempts, first.retry.base) == (5, 0.05)
    assert third.hosts == ()


def test_settings_say_that_they_are_the_groups() -> None:
    """With its name and the line."""
    settings = layers.of(routefile.parse(TEXT), 1)
    assert settings["retry.base"] == layers.Setting(0.05, "group shop", 8)
    assert settings["match.hosts"] == layers.Setting(("a.test",), "group shop", 6)
    assert settings["match.headers"].origin == "route"
    assert settings["match.headers"].value == ("x: 1", "y: 2")


@pytest.mark.parametrize(
    "route, prefix, path",
    [
        ("GET /", "/v1", "/v1"),
        ("GET /a/", "/v1", "/v1/a/"),
        ("ANY /{x...}", "/{t}", "/{t}/{x...}"),
        ("GET /a", "", "/a"),
        ("GET /", "", "/"),
    ],
)
def test_a_prefix_stands_before_the_path(route: str, prefix: str, path: str) -> None:
    """And the path / behind one is the prefix itself."""
    assert groups.full(route, prefix).path == path


def test_the_routes_word_counts_where_both_say_something() -> None:
    """Hosts and media as a whole, headers and query name by name."""
    group = MatchSection(hosts=("a.test",), query={"a": "1", "b": "1"}, media=("a/b",))
    route = MatchSection(query={"b": "2"}, media=("c/d",), priority=2)
    assert groups.merge(route, group) == MatchSection(
        hosts=("a.test",), headers={}, query={"a": "1", "b": "2"}, media=("c/d",), priority=2
    )
    assert groups.merge(None, None).conditions.asks is False
