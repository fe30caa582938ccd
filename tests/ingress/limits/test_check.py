import pytest

from ingress import routefile
from ingress.problems import ConfigError

_LIMIT = "limits: {per-client: {rates: [1/s]}}\n"


@pytest.mark.parametrize(
    "text, place, hint",
    [
        (
            _LIMIT + "routes: [{route: GET /a, operation: a.b, limits: [per-clent]}]",
            "g.yaml:2:51: routes[0].limits[0]: no limit 'per-clent' is declared",
            "did you mean per-client?",
        ),
        (
            "defaults: {limits: [x]}\nroutes: [{route: GET /a, operation: a.b}]",
            "g.yaml:1:21: defaults.limits[0]: no limit 'x' is declared",
            "declare it at the top: limits: {x: ...}",
        ),
    ],
)
def test_a_limit_that_nobody_declared_is_found(text: str, place: str, hint: str) -> None:
    """A name that means nothing is told with its place, on routes and in defaults."""
    with pytest.raises(ConfigError) as error:
        routefile.parse(text.encode(), source="g.yaml")
    assert [str(problem) for problem in error.value.problems] == [f"{place} ({hint})"]


def test_declared_limits_are_no_problem() -> None:
    """What is declared can be named."""
    text = _LIMIT + "routes: [{route: GET /a, operation: a.b, limits: [per-client]}]"
    assert routefile.parse(text.encode()).routes[0].limits == ("per-client",)
