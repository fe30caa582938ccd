"""What the protection of a route must agree on."""

import pytest

from ingress import routecheck, yamlfile


def complaints(text: str) -> list[str]:
    document = yamlfile.parse(text.encode(), source="g", environment={})
    return [str(problem) for problem in routecheck.problems(document)]


@pytest.mark.parametrize(
    "defaults, route",
    [
        ("", "cors: {origins: ['*'], credentials: true}"),
        ("cors: {credentials: true, origins: [https://a]}", "cors: {origins: ['*']}"),
        ("cors: {origins: ['*']}", "cors: {credentials: true}"),
    ],
)
def test_credentials_are_never_for_everybody(defaults: str, route: str) -> None:
    """However a route and the defaults share the words, and with the line of the route's."""
    (found,) = complaints(f"defaults: {{{defaults}}}\nroutes:\n  - {{route: GET /a, {route}}}\n")
    assert found.startswith("g:3:21: routes[0].cors: credentials cannot be allowed to everybody")


def test_cors_without_an_origin_is_a_slip() -> None:
    """It would allow nothing, and nobody would know why; defaults may leave them to the routes."""
    assert complaints("defaults: {cors: {max_age: 1m}}\nroutes: [{route: GET /a}]") == []
    (found,) = complaints("routes: [{route: GET /a, cors: {}}]")
    assert "no origin is named" in found


def test_a_list_of_addresses_names_some() -> None:
    """A section with neither list would do nothing."""
    (found,) = complaints("routes: [{route: GET /a, ip: {}}]")
    assert "neither `allow` nor `deny` is given" in found
    assert complaints("defaults: {ip: {deny: [::1]}}\nroutes: [{route: GET /a, ip: {}}]") == []


def test_what_has_no_shape_is_passed_over() -> None:
    """The model complains about that."""
    assert complaints("defaults: 1\nroutes: [{route: GET /a, cors: 1, ip: [x]}]") == []
