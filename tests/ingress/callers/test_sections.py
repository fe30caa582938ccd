"""The section by which calls say who makes them."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError


def load(callers: str) -> routefile.RouteFile:
    text = f"callers: {callers}\nroutes:\n  - {{route: GET /a, operation: s.o}}\n"
    return routefile.parse(text.encode(), source="g", environment={})


def test_a_file_is_all_that_it_needs() -> None:
    """Each call is signed then, which is the stronger of the two."""
    section = load("{keys: file:k.json}").callers
    assert section is not None
    assert (section.covers, section.ttl, section.accepted_for) == ("call", 10.0, 604_800.0)


@pytest.mark.parametrize(
    "callers, complaint",
    [
        ("{}", "the key 'keys' is missing"),
        ("{keys: x, covers: body}", "must be one of 'call' or 'caller'"),
        ("{keys: x, ttl: 0s}", "at least 1s"),
        ("{keys: x, kyes: y}", "no such key"),
    ],
)
def test_what_cannot_be_is_refused(callers: str, complaint: str) -> None:
    """With what to write."""
    with pytest.raises(ConfigError) as caught:
        load(callers)
    assert complaint in str(caught.value.problems[0])
