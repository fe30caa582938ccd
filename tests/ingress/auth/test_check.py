"""Routes are held to the authenticators that are declared."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("auth: {partners: {key: {}}}\ngroups: {g: {auth: partner}}\n", "did you mean partners?"),
        ("auth: {partners: {key: {}}}\ndefaults: {auth: partner}\n", "did you mean partners?"),
        ("auth: {partners: {key: {}}}\ndefaults: {auth: [partners, sso]}\n", "add sso to"),
        ("defaults: {auth: partners}\n", "no authenticator 'partners' is declared"),
    ],
)
def test_a_name_that_nobody_declared_is_told(text: str, complaint: str) -> None:
    """With its place, and what it may have meant."""
    with pytest.raises(ConfigError, match=complaint) as caught:
        routefile.parse(f"{text}routes: [{{route: GET /, operation: a.b}}]".encode())
    assert "auth" in caught.value.problems[0].path


def test_off_and_what_is_declared_are_no_problem() -> None:
    """Off needs no authenticator."""
    text = "auth: {k: {key: {}}}\nroutes: [{route: GET /, operation: a.b, auth: k},"
    text += "{route: GET /b, operation: a.b, auth: off}]"
    assert len(routefile.parse(text.encode()).routes) == 2
