"""What the settings of caches must agree on."""

import pytest

from ingress import routecheck, yamlfile


def complaints(text: str) -> list[str]:
    document = yamlfile.parse(text.encode(), source="g", environment={})
    return [str(problem) for problem in routecheck.problems(document)]


@pytest.mark.parametrize(
    "text, told",
    [
        ("cache: {shared: true}\nroutes: []", "g:1:9: cache.shared: answers cannot be shared"),
        (
            "store: memory://\ncache: {shared: true}\nroutes: []",
            "g:2:9: cache.shared: answers cannot be shared",
        ),
        ("routes: [{route: POST /a, cache: {}}]", "answers to POST are not cached"),
        ("routes: [{route: GET /a, cache: {}, accept: true}]", "there is no answer to cache"),
        ("routes: [{route: GET /a, cache: {public: true, caller: true}}]", "cache.public: answers"),
        (
            "defaults: {cache: {public: true}}\nroutes: [{route: GET /a, cache: {caller: true}}]",
            "cannot be the same for all",
        ),
    ],
)
def test_what_cannot_be_is_told(text: str, told: str) -> None:
    """With its place."""
    (found,) = complaints(text)
    assert told in found


@pytest.mark.parametrize(
    "text",
    [
        "store: redis://localhost\ncache: {shared: true}\nroutes: []",
        "defaults: {cache: {}}\nroutes: [{route: POST /a}]",
        "routes: [{route: ANY /a, cache: {}}, {route: GET /b, cache: off, accept: true}]",
        "routes: [{route: [], cache: {}}]",
    ],
)
def test_what_can_be_is_not(text: str) -> None:
    """``defaults`` may name a cache for the routes that can have one."""
    assert complaints(text) == []
