from typing import Any

import msgspec
import pytest

from contracts.call import Call, Caller, Reply
from ingress.transform.expression import ExpressionError
from ingress.transform.rewriter import UNCHANGED, ReplyRewriter, RequestRewriter
from ingress.transform.sections import ReplyTransformSection, RequestTransformSection

CALL = Call(
    id="r-1",
    operation="s.o",
    method="PUT",
    path="/a/7",
    query="q=x&q=y&n=%C3%A9",
    params={"id": "7"},
    headers=(("content-type", "application/msgpack"), ("x-a", "1"), ("content-length", "9")),
    body=b"...",
    caller=Caller(id="anna", scopes=("read",)),
)


def request(section: dict[str, Any], body: Any = None, most: int = 1000) -> tuple[Call, Any]:
    rewriter = RequestRewriter(RequestTransformSection.model_validate(section), most=most)
    return rewriter.rewrite(CALL, lambda: body)


def reply(section: dict[str, Any], given: Reply, most: int = 1000) -> Reply:
    rewriter = ReplyRewriter(ReplyTransformSection.model_validate(section), most=most)
    return rewriter.rewrite(given, CALL)


def test_a_body_is_made_of_all_that_the_request_says() -> None:
    """It is JSON, and the headers say so."""
    expression = "{d: body.d, id: params.id, q: query.q, n: query.n, who: caller.id, m: method}"
    call, value = request({"body": expression}, {"d": 1})
    made = {"d": 1, "id": "7", "q": "x", "n": "é", "who": "anna", "m": "PUT"}
    assert value == msgspec.json.decode(call.body) == made
    assert call.headers == (("x-a", "1"), ("content-type", "application/json"))


def test_headers_query_and_path_are_changed_and_the_body_is_not() -> None:
    """Nobody parses a body that nothing looks at."""
    section = {
        "headers": {"set": {"x-b": {"from": "params.id"}}, "remove": ["x-a"]},
        "query": {"rename": {"q": "tag"}, "add": {"z": "a b"}},
        "path": {"rename": {"id": "sku"}, "set": {"shop": "1"}},
    }
    call, value = request(section)
    assert value is UNCHANGED
    assert (call.body, call.path) == (CALL.body, CALL.path)
    assert dict(call.headers)["x-b"] == "7"
    assert call.query == "tag=x&tag=y&n=%C3%A9&z=a+b"
    assert call.params == {"sku": "7", "shop": "1"}

    def parse() -> Any:
        raise AssertionError

    plain = RequestTransformSection.model_validate({"headers": {"set": {"x-b": "1"}}})
    RequestRewriter(plain, most=1).rewrite(CALL, parse)


def test_an_envelope_goes_on_and_comes_off() -> None:
    """On the way back."""
    given = Reply.json({"data": [1]}, headers=(("ETag", '"a"'), ("X-Old", "1")))
    assert msgspec.json.decode(reply({"body": "body.data"}, given).body) == [1]
    wrapped = reply({"body": "{data: body, from: request.path, status: status}"}, given)
    assert msgspec.json.decode(wrapped.body) == {
        "data": {"data": [1]},
        "from": "/a/7",
        "status": 200,
    }
    assert wrapped.header("content-type") == "application/json"


def test_a_reply_that_is_no_success_keeps_its_body() -> None:
    """Its headers are changed all the same."""
    section = {"body": "body.data", "headers": {"rename": {"x-old": "x-new"}}}
    changed = reply(section, Reply.json({"e": 1}, status=404, headers=(("X-Old", "1"),)))
    assert changed.body == b'{"e":1}'
    assert changed.header("x-new") == "1"


def test_what_cannot_be_read_is_nothing() -> None:
    """A picture has no members."""
    picture = Reply(headers=(("content-type", "image/png"),), body=b"\x89")
    assert reply({"body": "{got: body}"}, picture).body == b'{"got":null}'


@pytest.mark.parametrize(
    "section, body, why",
    [
        ({"body": "[body, body, body]"}, "x" * 400, "more than 1000 bytes"),
        ({"body": "length(body)"}, 5, "does not take"),
        ({"body": "body"}, b"\x00", "what JSON cannot carry"),
        ({"headers": {"set": {"x-a": {"from": "body"}}}}, "a\r\nb: c", "no header can hold"),
    ],
)
def test_what_cannot_be_made_is_told(section: Any, body: Any, why: str) -> None:
    """Bodies that are too large, values of the wrong kind, headers that would be two."""
    with pytest.raises(ExpressionError, match=why):
        request(section, body)
