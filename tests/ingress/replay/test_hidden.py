from ingress import routefile
from ingress.compare.answer import Answer
from ingress.compile import compile_plans
from ingress.replay.hidden import Hiding, hidden_by
from ingress.router import Router

JSON = ("content-type", "application/json")
ROUTES = b"""
journal: {store: j.db}
defaults: {journal: {level: full, redact: {body: ["$.card.number"]}}}
routes: [{route: GET /a, operation: shop.a}]
"""


def test_an_answer_is_kept_without_its_secrets() -> None:
    """Cookies and tokens are always taken out, and what the route says besides."""
    router = Router(compile_plans(routefile.parse(ROUTES)))
    answer = Answer(
        status=200,
        headers=(JSON, ("set-cookie", "hunter2")),
        body=b'{"card": {"number": "hunter2"}, "access_token": "hunter2", "a": 1}',
    )
    kept = Hiding(router)("GET /a", answer)
    assert b"hunter2" not in kept.body
    assert "hunter2" not in repr(kept.headers)
    assert set(kept.hidden) == {"header:set-cookie", "$.card.number", '$..["access_token"]'}
    other = Hiding(router)("GET /other", answer)
    assert b"hunter2" in other.body
    assert b"access_token" in other.body


def test_what_holds_no_secret_stays_as_it_is() -> None:
    """An answer without any of it is the very same."""
    answer = Answer(status=200, headers=(JSON,), body=b'{"a":  1}')
    assert Hiding()("GET /a", answer) is answer


def test_marks_become_places() -> None:
    """Marks of the request are passed over, and what cannot be named hides the whole body."""
    marks = ["request.header a", "query b", "reply.header location user", "reply.body $.a[?x]"]
    assert hidden_by([*marks, "reply.body: withheld, it is compressed"]) == (
        *("header:location", "$", "body"),
    )
