"""Who may call a route, as the route file writes it."""

import pytest

from ingress import layers, routefile
from ingress.problems import ConfigError
from ingress.writing import write


def load(allow: str) -> routefile.RouteFile:
    text = f"routes:\n  - {{route: GET /a, operation: s.o, allow: {allow}}}\n"
    return routefile.parse(text.encode(), source="g", environment={})


@pytest.mark.parametrize(
    "allow, written",
    [
        ("anyone", "anyone"),
        ("known", "known"),
        ("{scopes: [a, b], ip: [10.0.0.0/8]}", "{scopes: [a, b], ip: [10.0.0.0/8]}"),
        ("[{roles: [x]}, {when: 'true'}]", "[{roles: [x]}, {when: true}]"),
    ],
)
def test_it_is_a_word_a_rule_or_several(allow: str, written: str) -> None:
    """And is written again as it was."""
    settings = layers.of(load(allow), 0)
    assert write("allow", settings["allow"].value) == written


@pytest.mark.parametrize(
    "allow, complaint",
    [
        ("anybody", "g:2:44: routes[0].allow: this must be one of 'anyone' or 'known'"),
        ("{}", "a rule names at least one thing"),
        ("[]", "must not be empty"),
        ("[{}]", "g:2:45: routes[0].allow[0]: a rule names at least one thing"),
        ("{scopes: []}", "must not be empty"),
        ("{scopes: ['a b']}", "routes[0].allow.scopes[0]"),
        ("{scope: [a]}", "did you mean scopes?"),
        ("{ip: [10.0.0.1/8]}", "10.0.0.0/8 is the network"),
        ("{when: 'claim.x == 1'}", "routes[0].allow.when: there is no 'claim' here"),
        ("{claims: {tenant: 1.5}}", "routes[0].allow.claims.tenant"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(allow: str, complaint: str) -> None:
    """An empty rule above all: it would be open to everybody."""
    with pytest.raises(ConfigError) as caught:
        load(allow)
    assert complaint in "\n".join(map(str, caught.value.problems))
