"""A route calls an operation, or the gateway answers by itself."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError


def complaints(route: str) -> list[str]:
    try:
        routefile.parse(f"groups: {{g: {{prefix: '/t/{{t}}'}}}}\nroutes: [{{{route}}}]".encode())
    except ConfigError as error:
        return [one.message for one in error.problems]
    return []


@pytest.mark.parametrize(
    "route, found",
    [
        ("route: GET /a", ["the key 'operation' is missing"]),
        ("route: GET /a, reply: {}", []),
        ("route: GET /a, operation: s.o, reply: {}", ["operation and reply exclude each other"]),
        ("route: 'GET /{a}', redirect: {to: '/{b}'}", ["the path has no parameter 'b'"]),
        ("route: 'GET /{a}', redirect: {to: '/{a}/{t}'}, group: g", []),
        ("route: 'GET /{a}', redirect: {to: 'https://{a}/'}", None),
        ("route: 'GET /{a}', redirect: {to: 'javascript:1'}", None),
        ("route: 'GET /{a}', redirect: {to: '/{a}'}, group: {b: c}", None),
    ],
)
def test_it_is_one_of_them(route: str, found: list[str] | None) -> None:
    """And a redirect leads to a path or a host that the file names."""
    if found is None:
        assert complaints(route)
    else:
        assert complaints(route) == found
