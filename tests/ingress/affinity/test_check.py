"""What a route with affinity must agree on."""

import pytest

from tests.ingress.routing.test_clashes import complaints


@pytest.mark.parametrize(
    "more, message",
    [
        ("affinity: {by: [caller]}", "the key 'lanes' is missing: how many queues"),
        ("exchange: e, affinity: {by: [caller], lanes: 2}", "an exchange divides by itself"),
        ("shed: {}, affinity: {by: [caller], lanes: 2}", "a route with affinity has no one queue"),
        ("affinity: {by: [nobody], lanes: 2}", "a key is caller, address"),
    ],
)
def test_what_cannot_be_is_refused(more: str, message: str) -> None:
    """With what to write instead."""
    assert any(one.startswith(message) for one in complaints(f"route: GET /a, {more}"))


def test_a_service_may_have_the_exchange() -> None:
    """Then there are no lanes either."""
    route = "route: GET /a, affinity: {by: [caller]}"
    assert complaints(route, head="services: {s: {exchange: hash}}") == []
