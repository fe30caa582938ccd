"""An answer that is written in the route file."""

from contracts.call import Reply
from ingress.policies.reply import Fixed, build
from tests.ingress.policies.asked import Asked
from tests.ingress.routing.plans import of


def test_the_answer_is_always_the_same() -> None:
    """With its status, its fields and its body, made once."""
    policy = Fixed(418, {"x-a": "b"}, "tea")
    first = policy.admit(Asked())
    assert isinstance(first, Reply)
    assert first is policy.admit(Asked())
    assert (first.status, first.body) == (418, b"tea")
    assert first.headers == (("x-a", "b"), ("content-type", "text/plain; charset=utf-8"))


def test_no_body_has_no_type() -> None:
    """And a type that is given stays."""
    empty = Fixed(204, {}, "").admit(Asked())
    page = Fixed(200, {"content-type": "text/html"}, "<p>").admit(Asked())
    assert isinstance(empty, Reply)
    assert isinstance(page, Reply)
    assert (empty.headers, page.headers) == ((), (("content-type", "text/html"),))


def test_a_route_gets_it_if_it_asks_for_it() -> None:
    """Instead of an operation."""
    (route,) = of("route: GET /a, reply: {body: hi}", head="", operation=False)
    assert [one.name for one in route.policies] == ["reply"]
    assert build({}) is None
