"""What a route's variants must agree on."""

import pytest

from tests.ingress.routing.test_clashes import complaints


@pytest.mark.parametrize(
    "variants, message",
    [
        (
            "{a: {queue: q, weight: 60%}, b: {queue: r, weight: 50%}}",
            (
                "the weights add up to 110% (they are shares of all calls; what is left stays with"
                " the route)"
            ),
        ),
        ("{a: {weight: 5%}}", "a variant needs an operation, a queue or an exchange of its own ()"),
        (
            "{a: {queue: q, exchange: e}}",
            (
                "a queue and an exchange exclude each other (an exchange finds the queue by its"
                " bindings; take one of the two away)"
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused(variants: str, message: str) -> None:
    """With what to write instead."""
    assert complaints(f"route: GET /a, variants: {variants}") == [message]


def test_an_operation_must_be_declared() -> None:
    """As that of a route."""
    head = "services: {s: {operations: [o0]}}"
    (said,) = complaints("route: GET /a, variants: {a: {operation: s.o00}}", head=head)
    assert said.startswith("the service s offers no 's.o00'")


def test_sticky_needs_something_to_stick_to() -> None:
    """Alone it would be a typo."""
    (said,) = complaints("route: GET /a, sticky: [caller]")
    assert said.startswith("there are no variants")
