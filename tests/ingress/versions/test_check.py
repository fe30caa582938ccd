"""What versions and routes must agree on."""

import pytest

from ingress.versions.check import section
from tests.ingress.routing.test_clashes import complaints


@pytest.mark.parametrize(
    "versions, message",
    [
        ("", "no version '1' is declared (add `versions: {known: {...}}` to the file)"),
        ("versions: {known: {'2': {}}}", "no version '1' is declared (known are 2)"),
        (
            "versions: {default: '3', known: {'1': {}}}",
            "the default '3' is none of the versions ()",
        ),
        (
            "versions: {known: {'1': {successor: '1'}}}",
            "'1' is no other version ()",
        ),
        (
            "versions: {known: {'1': {deprecated: 2026-02-01, sunset: 2026-01-01}}}",
            "it ends before it is deprecated ()",
        ),
    ],
)
def test_what_cannot_be_is_refused(versions: str, message: str) -> None:
    """With what to write instead."""
    assert complaints("route: GET /a, version: '1'", head=versions) == [message]


def test_two_versions_of_one_path_need_a_way_to_ask() -> None:
    """Without one they take the same requests."""
    routes = ("route: GET /a, version: '1'", "route: GET /a, version: '2'")
    known = "known: {'1': {}, '2': {}}"
    assert complaints(*routes, head=f"versions: {{ask: [query:v], {known}}}") == []
    (said,) = complaints(*routes, head=f"versions: {{{known}}}")
    assert said.startswith("GET /a is declared twice")


def test_what_is_wrong_in_itself_is_the_models_affair() -> None:
    """It is passed over here."""
    assert section({"known": {}}) is None
    assert section(None) is None
