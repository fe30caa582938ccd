"""The plans at one shape of path."""

import pytest

from ingress.pattern import parse
from ingress.routing.asked import NOTHING, Sketch
from ingress.routing.leaf import Leaf, refusal
from tests.ingress.routing.plans import of

JSON = (("content-type", "application/json"),)


def leaf(*routes: str) -> Leaf:
    made = Leaf()
    for plan in of(*routes):
        made.put(plan, parse(f"{plan.method} {plan.pattern}"))
    return made


ALL = leaf(
    "route: GET /a",
    "route: 'ANY /a', match: {headers: {x: '1'}}",
    "route: GET /a, match: {headers: {x: '*'}}",
    "route: POST /a, match: {media: [application/json], headers: {x: '1'}}",
)


@pytest.mark.parametrize(
    "method, fields, operation",
    [
        ("GET", (), "s.o0"),
        ("GET", (("x", "1"),), "s.o2"),
        ("HEAD", (("x", "1"),), "s.o2"),
        ("PUT", (("x", "1"),), "s.o1"),
        ("POST", (("x", "1"),), "s.o1"),
        ("POST", (("x", "1"), *JSON), "s.o3"),
        ("PUT", (), None),
    ],
)
def test_the_method_comes_first_and_then_the_conditions(
    method: str, fields: tuple[tuple[str, str], ...], operation: str | None
) -> None:
    """GET for HEAD, ANY last; the one without conditions after all those of its method."""
    found = ALL.choose(method, Sketch(fields))
    assert (found and found[0].target.operation) == operation


def test_a_refusal_says_what_would_have_been_taken() -> None:
    """405 where no route has the method, 415 where only the content type is wrong, else 404."""
    only = leaf("route: POST /a, match: {media: [application/json], headers: {x: '1'}}")
    gone = refusal("GET", [only], NOTHING)
    assert (gone.code, gone.headers) == ("method_not_allowed", (("allow", "POST, OPTIONS"),))
    wrong = refusal("POST", [only], Sketch((("x", "1"), ("content-type", "text/plain"))))
    assert (wrong.code, wrong.headers) == (
        "unsupported_media_type",
        (("accept", "application/json"),),
    )
    assert refusal("POST", [only], Sketch(JSON)).code == "not_found"
    assert refusal("POST", [], NOTHING).code == "not_found"


def test_two_plans_for_the_same_requests_are_refused() -> None:
    """With conditions or without."""
    for match in ("", ", match: {query: {a: b}}"):
        (plan,) = of(f"route: GET /a{match}")
        made = leaf(f"route: GET /a{match}")
        with pytest.raises(ValueError, match="take the same requests"):
            made.put(plan, parse("GET /a"))
