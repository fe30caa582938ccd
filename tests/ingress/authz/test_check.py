"""What routes say of who may call, held against what else they say."""

import pytest

from ingress import routefile
from ingress.compile import compile_plans
from ingress.problems import ConfigError

HEAD = "auth: {keys: {key: {header: x-api-key}}}\n"


def complaints(text: str) -> list[str]:
    route_file = routefile.parse(f"{HEAD}{text}".encode(), source="g", environment={})
    try:
        compile_plans(route_file)
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("allow", ["known", "{scopes: [a]}", "[{roles: [a]}, {groups: [b]}]"])
def test_a_route_that_nobody_could_call_is_a_mistake(allow: str) -> None:
    """It asks who may, and nobody asks who it is; a message with the place of it."""
    (found,) = complaints(f"routes:\n  - {{route: GET /a, operation: s.o, allow: {allow}}}\n")
    assert found.startswith("g:3:37: routes[0].allow: nobody could call it: `allow` asks for a")
    assert (
        complaints(f"routes: [{{route: GET /a, operation: s.o, auth: keys, allow: {allow}}}]") == []
    )


def test_what_holds_counts_and_not_where_it_is_written() -> None:
    """Of `auth` and `allow` each may come from the defaults."""
    assert (
        complaints(
            "defaults: {auth: keys}\nroutes: [{route: GET /a, operation: s.o, allow: known}]"
        )
        == []
    )
    (found,) = complaints("defaults: {allow: known}\nroutes: [{route: GET /a, operation: s.o}]")
    assert "routes[0].route: nobody could call it" in found


def test_with_default_deny_a_route_says_who_may() -> None:
    """Each that does not is named; `anyone` is an answer, and so are defaults."""
    routes = (
        "routes:\n  - {route: GET /a, operation: s.o}\n"
        "  - {route: GET /b, operation: s.o, allow: anyone}\n"
    )
    assert complaints(routes) == []
    (found,) = complaints(f"default_deny: true\n{routes}")
    assert found.startswith("g:4:13: routes[0].route: it does not say who may call it")
    assert complaints(f"default_deny: true\ndefaults: {{allow: anyone}}\n{routes}") == []
