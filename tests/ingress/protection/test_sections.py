"""The sections of protection."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError
from ingress.protection.sections import SECTIONS
from ingress.routesections import DefaultsSection

HEAD = "routes:\n  - {route: GET /a, operation: s.o, "


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        routefile.parse(f"{HEAD}{text}}}\n".encode(), source="g", environment={})
    return "\n".join(map(str, caught.value.problems))


def test_all_of_it_is_off_unless_it_is_asked_for() -> None:
    """A route pays for nothing that it does not name."""
    assert all(getattr(DefaultsSection(), name) == "off" for name in SECTIONS)


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("cors: {origins: [https://a/]}", "g:2:54: routes[0].cors.origins[0]: an origin is"),
        ("cors: {headers: ['a b']}", "the name of a header field, or *"),
        ('security_headers: {referrer_policy: "a\\r\\nb: c"}', "in one line"),
        ("security_headers: {frame_options: ALLOW}", "must be one of 'DENY', 'SAMEORIGIN'"),
        ("ip: {allow: [10.0.0.1/8]}", "10.0.0.0/8 is the network"),
        ("ip: {allow: []}", "must not be empty"),
        ("json_limits: {depth: 0}", "at least 1"),
        ("json_limits: {deepness: 3}", "no such key"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(text: str, complaint: str) -> None:
    """With the line, the column, and what to write."""
    assert complaint in refused(text)


def test_field_names_are_taken_in_any_case() -> None:
    """They are compared in lower case."""
    text = f"{HEAD}cors: {{origins: ['*'], expose: [X-Request-ID]}}}}\n"
    (route,) = routefile.parse(text.encode(), environment={}).routes
    assert route.cors != "off"
    assert route.cors.expose == ("x-request-id",)
