import pytest

from ingress.compare.answer import Answer
from ingress.compare.answers import NOT_JSON, compare, parsed
from ingress.compare.rules import Rules

JSON = ("content-type", "application/json")


def answer(body: bytes = b"{}", *headers: tuple[str, str], status: int = 200) -> Answer:
    return Answer(status=status, headers=(JSON, *headers), body=body)


def told(left: Answer, right: Answer, rules: Rules | None = None) -> list[str]:
    return [f"{one.path} {one.kind}" for one in compare(left, right, rules or Rules())]


def test_the_same_answer_is_the_same() -> None:
    """Another order of members, other white space and headers of the moment are no difference."""
    left = answer(b'{"a": 1, "b": 2}', ("date", "now"), ("x-request-id", "1"))
    assert told(left, answer(b'{"b":2,"a":1}', ("date", "then"))) == []


def test_another_status_is_one_finding() -> None:
    """With another status, or another fault, that alone is told."""
    left = answer(b'{"a": 1}', ("x-a", "1"))
    assert told(left, answer(b"{}", status=201)) == ["status 200 -> 201"]
    busy = Answer(status=503, code="busy")
    assert told(left, busy) == ["status 200 -> 503 busy"]
    assert told(busy, Answer(status=503, code="no_route")) == ["status 503 busy -> 503 no_route"]


def test_a_fault_may_name_its_request() -> None:
    """The request id in a problem document is no difference; another detail is one."""
    body = '{{"detail": "{}", "request_id": "{}"}}'
    sides = [
        Answer(status=503, code="busy", body=body.format(detail, number).encode())
        for number, detail in enumerate("aab")
    ]
    assert told(sides[0], sides[1]) == []
    assert told(sides[0], sides[2]) == ["$.detail changed"]


def test_headers_differ_by_name() -> None:
    """Each header that is changed, missing or added is told, with all its values."""
    left = answer(b"", ("a", "1"), ("b", "1"), ("a", "2"))
    (changed, missing, added) = compare(left, answer(b"", ("a", "1"), ("c", "1")), Rules())
    assert (changed.path, changed.kind, changed.left) == ("header:a", "changed", "1, 2")
    assert (missing.path, missing.kind) == ("header:b", "missing")
    assert (added.path, added.kind) == ("header:c", "added")
    assert told(left, answer(b""), Rules(headers=["A", "B"])) == []


def test_a_body_that_is_no_json_is_compared_by_its_bytes() -> None:
    """Bytes are told by their number, their digest and how they begin."""
    left = Answer(status=200, body=b"\x00\xff", headers=(("content-type", "image/png"),))
    right = Answer(status=200, body=b"\x1b[2J", headers=(("content-type", "image/png"),))
    (one,) = compare(left, right, Rules())
    assert (one.path, one.kind) == ("body", "changed")
    assert one.left.startswith("2 bytes, sha256 ")
    assert "\x1b" not in one.right
    assert told(answer(b'{"a"'), answer(b"{}")) == ["body changed"]
    assert told(left, right, Rules(ignore=["$"])) == []


def test_a_body_that_was_cut_is_compared_as_far_as_it_goes() -> None:
    """What was not recorded is no difference."""
    cut = Answer(status=200, headers=(JSON,), body=b'{"a": 1', cut=True)
    assert told(cut, answer(b'{"a": 1, "b": 2}')) == []
    assert told(cut, answer(b'{"a": 2, "b": 2}')) == ["body changed"]
    assert parsed(cut) is NOT_JSON


def test_what_was_taken_out_is_not_compared() -> None:
    """A header or a member that was redacted on either side is left alone."""
    kept = Answer(
        status=200,
        headers=(JSON, ("set-cookie", "[redacted]")),
        body=b'{"cards": [{"number": "[redacted]", "of": "ann"}]}',
        hidden=("header:set-cookie", "$.cards[*].number"),
    )
    fresh = answer(b'{"cards": [{"number": "4242", "of": "bob"}]}', ("set-cookie", "a=1"))
    assert told(kept, fresh) == ["$.cards[*].of changed"]
    assert told(fresh, kept) == ["$.cards[*].of changed"]


def test_what_was_taken_out_of_both_may_have_a_digest() -> None:
    """Where both sides were redacted alike the digests tell whether the values were the same."""
    left = Answer(status=200, body=b'{"card": "hmac-1"}', hidden=("$.card",))
    right = Answer(status=200, body=b'{"card": "hmac-2"}', hidden=("$.card",))
    assert told(left, left) == []
    assert told(left, right) == ["$.card changed"]


def test_of_an_answer_without_content_the_status_counts() -> None:
    """Where headers and body were not recorded the status is all that is compared."""
    bare = Answer(status=200, bare=True)
    assert told(bare, answer(b'{"a": 1}')) == []
    assert told(bare, answer(status=404)) == ["status 200 -> 404"]


@pytest.mark.parametrize("turned, kind", [(False, "missing"), (True, "added")])
def test_no_answer_is_told_with_its_reason(turned: bool, kind: str) -> None:  # noqa: FBT001
    """An answer that never came differs from every other, and not from another silence."""
    none = Answer(error="connection refused")
    sides = (none, answer()) if turned else (answer(), none)
    (one,) = compare(*sides, Rules())
    assert (one.path, one.kind) == ("answer", kind)
    assert "connection refused" in {one.left, one.right}
    assert told(none, none) == []
