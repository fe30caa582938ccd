from typing import Any

from contracts.call import Caller
from ingress.auth.forward.question import question
from tests.ingress.auth.asking import Request


def asked(**call: Any) -> Request:
    return Request(
        ("host", "api.example"),
        ("authorization", "Bearer t"),
        ("x-other", "secret"),
        ("x-forwarded-uri", "/public"),
        secure=True,
        method="PUT",
        caller=Caller(address="10.0.0.9"),
        **{"path": "/a b", "query": "c=d", **call},
    )


def test_what_is_told_of_a_request() -> None:
    """The usual fields, and of the client's own those that are named, once each."""
    told = question(asked(), ["authorization"])
    assert told.fields == (
        ("x-forwarded-method", "PUT"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "api.example"),
        ("x-forwarded-uri", "/a%20b?c=d"),
        ("x-forwarded-for", "10.0.0.9"),
        ("x-request-id", "1"),
        ("authorization", "Bearer t"),
    )


def test_what_an_answer_depends_on() -> None:
    """The whole request, or what it showed; never the request's id."""
    one, other = question(asked(), ["authorization"]), question(asked(path="/b"), ["authorization"])
    assert one.key(whole=False) == other.key(whole=False)
    assert one.key(whole=True) != other.key(whole=True)
    assert question(asked(), []).key(whole=False) != one.key(whole=False)
    again = question(asked(), ["authorization"])
    assert again.key(whole=True) == one.key(whole=True)
