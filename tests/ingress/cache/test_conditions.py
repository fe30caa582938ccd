"""Requests for less than the whole answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.cache.asked import Asked
from ingress.cache.conditions import answer, holds, validators
from tests.ingress.cache.entries import entry

DATE = "Thu, 01 Jan 1970 00:16:40 GMT"  # 1000 s
BEFORE = "Thu, 01 Jan 1970 00:15:00 GMT"  # 900 s
AFTER = "Thu, 01 Jan 1970 00:18:20 GMT"  # 1100 s
DATED = entry(modified=900.0, fields=(("last-modified", BEFORE), ("content-type", "text/plain")))


def status(asked: dict[str, str], **changes: object) -> int:
    return answer(entry(**changes), Asked(said=asked)).status


@pytest.mark.parametrize(
    "said, etag, wanted",
    [
        ('"1"', '"1"', 304),
        ('"0", "1"', '"1"', 304),
        ('W/"1"', '"1"', 304),
        ('"1"', 'W/"1"', 304),
        ("*", '"1"', 304),
        ('"2"', '"1"', 200),
        ("1", '"1"', 200),
        ('"1"', "", 200),
    ],
)
def test_if_none_match(said: str, etag: str, wanted: int) -> None:
    """RFC 9110 section 13.1.2: compared weakly."""
    assert status({"if-none-match": said}, etag=etag) == wanted


def test_if_modified_since() -> None:
    """Section 13.1.3; without Last-Modified the Date is held against it."""
    for said, wanted in ((BEFORE, 304), (AFTER, 304), (DATE, 304), ("nonsense", 200)):
        assert answer(DATED, Asked(said={"if-modified-since": said})).status == wanted
    assert status({"if-modified-since": BEFORE}) == 200
    assert status({"if-modified-since": AFTER}) == 304
    both = {"if-modified-since": AFTER, "if-none-match": '"2"'}
    assert status(both) == 200


def test_a_304_says_no_more_than_it_may() -> None:
    """It has the validators and no body, nor what describes one."""
    reply = answer(DATED, Asked(said={"if-none-match": '"1"'}))
    assert reply.headers == (("last-modified", BEFORE),)
    assert reply.body == b""


@pytest.mark.parametrize(
    "asked, wanted",
    [
        ({"if-match": '"1"'}, True),
        ({"if-match": "*"}, True),
        ({"if-match": '"2"'}, False),
        ({"if-match": 'W/"1"'}, False),
        ({"if-unmodified-since": AFTER}, True),
        ({"if-unmodified-since": "Thu, 01 Jan 1970 00:14:00 GMT"}, False),
        ({"if-match": '"1"', "if-unmodified-since": "Thu, 01 Jan 1970 00:14:00 GMT"}, True),
        ({}, True),
    ],
)
def test_preconditions(asked: dict[str, str], *, wanted: bool) -> None:
    """Section 13.2.2: If-Match is compared strongly, and goes before the date."""
    assert holds(Asked(said=asked), DATED) is wanted


def test_a_precondition_that_does_not_hold_is_412() -> None:
    """And a weak tag never holds."""
    with pytest.raises(Fault, match="precondition_failed") as caught:
        status({"if-match": 'W/"1"'}, etag='W/"1"')
    assert caught.value.status == 412


@pytest.mark.parametrize(
    "said, wanted, where",
    [
        ("bytes=0-1", b"he", "bytes 0-1/5"),
        ("bytes=1-", b"ello", "bytes 1-4/5"),
        ("bytes=-2", b"lo", "bytes 3-4/5"),
        ("bytes=-99", b"hello", "bytes 0-4/5"),
        ("bytes=3-99", b"lo", "bytes 3-4/5"),
        ("BYTES=0-0", b"h", "bytes 0-0/5"),
    ],
)
def test_a_range_is_cut_out(said: str, wanted: bytes, where: str) -> None:
    """RFC 9110 section 14: 206 with the part and where it is."""
    reply = answer(entry(), Asked(said={"range": said}))
    assert (reply.status, reply.body, dict(reply.headers)["content-range"]) == (206, wanted, where)


@pytest.mark.parametrize("said", ["bytes=0-1,3-4", "lines=0-1", "bytes=3-1", "bytes=-", "x", ""])
def test_what_is_no_single_range_gets_all(said: str) -> None:
    """Section 14.2 lets a server ignore it."""
    assert status({"range": said}) == 200


@pytest.mark.parametrize("said", ["bytes=5-", "bytes=5-9", "bytes=-0"])
def test_a_range_behind_the_end_is_416(said: str) -> None:
    """With the length that there is."""
    with pytest.raises(Fault, match="range_not_satisfiable") as caught:
        status({"range": said})
    assert caught.value.headers == (("content-range", "bytes */5"),)


@pytest.mark.parametrize(
    "said, wanted",
    [
        ('"1"', 206),
        ('W/"1"', 200),
        ('"2"', 200),
        (BEFORE, 206),
        (DATE, 200),
        ("nonsense", 200),
    ],
)
def test_if_range_guards_the_parts_of_another_answer(said: str, wanted: int) -> None:
    """Section 13.1.5: what does not fit exactly gets all."""
    asked = Asked(said={"range": "bytes=0-1", "if-range": said})
    assert answer(DATED, asked).status == wanted


def test_only_200_is_cut_or_left_out() -> None:
    """An error is told whole, whatever the client holds."""
    assert status({"if-none-match": '"1"', "range": "bytes=0-1"}, status=404) == 404


def test_what_the_worker_is_asked() -> None:
    """Both validators, if both are there (RFC 9111 section 4.3.1)."""
    assert validators(DATED) == (("if-none-match", '"1"'), ("if-modified-since", BEFORE))
    assert validators(entry(etag="")) == ()
    assert validators(None) == ()


@given(st.text(max_size=30), st.binary(max_size=20))
def test_any_range_gives_a_part_or_all_of_it(said: str, body: bytes) -> None:
    """A part is never anything else than a part of the body."""
    try:
        reply = answer(entry(body=body), Asked(said={"range": f"bytes={said}"}))
    except Fault as fault:
        assert fault.code == "range_not_satisfiable"  # noqa: PT017 - one of several ways
    else:
        assert reply.body in body
