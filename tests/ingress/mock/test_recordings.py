import msgspec
import pytest

from ingress.journal.record import Record
from ingress.mock.recordings import Recordings
from tests.ingress.journal.recorded import full, record


def said(number: int, path: str = "/a", query: str = "", **fields: object) -> Record:
    """Make a record whose answer is its number."""
    made = full(number, query=query, reply_body=b"%d" % number)
    return msgspec.structs.replace(made, **{"method": "GET", "path": path, **fields})


def given(recordings: Recordings, *request: str, body: bytes = b"") -> str:
    found = recordings.next((request[0], request[1], request[2]), body)
    return found.open.reply_body.decode() if found else ""


def test_a_request_finds_its_answer() -> None:
    """Method, path and query decide, and the order of the query means nothing."""
    recordings = Recordings([said(1, "/a", "x=1&y=2"), said(2, "/a"), said(3, "/b")])
    assert given(recordings, "GET", "/a", "y=2&x=1") == "1"
    assert given(recordings, "GET", "/a", "") == "2"
    assert given(recordings, "GET", "/b", "") == "3"
    assert given(recordings, "HEAD", "/b", "") == "3"
    assert given(recordings, "POST", "/b", "") == ""
    assert given(recordings, "GET", "/b", "x=1") == ""
    assert (len(recordings), recordings.count) == (3, 3)


def test_answers_to_one_request_come_in_order() -> None:
    """Several answers are given one after another, then the last one again and again."""
    recordings = Recordings([said(1), said(2), said(3, "/b")])
    assert [given(recordings, "GET", "/a", "") for _ in range(4)] == ["1", "2", "2", "2"]


def test_the_body_decides_when_it_is_asked_to() -> None:
    """With ``match_body`` the body has to be the same, but for the spacing of JSON."""
    posts = [
        msgspec.structs.replace(full(number, request_body=body, reply_body=b"%d" % number))
        for number, body in enumerate([b'{"a": 1, "b": 2}', b"plain"])
    ]
    strict, loose = Recordings(posts, match_body=True), Recordings(posts)
    asked = ("POST", "/v1/orders", "dry=1")
    assert given(strict, *asked, body=b'{"b":2,"a":1}') == "0"
    assert given(strict, *asked, body=b"plain") == "1"
    assert given(strict, *asked, body=b"other") == ""
    assert strict.nearest(asked)[1] == "the body differs"
    assert given(loose, *asked, body=b"other") == "0"


@pytest.mark.parametrize(
    "request_, line, why",
    [
        (("GET", "/v1/order", ""), "GET /v1/orders?limit=3", "the path differs"),
        (("POST", "/v1/orders", ""), "GET /v1/orders?limit=3", "the method differs"),
        (("GET", "/v1/orders", "limit=4"), "GET /v1/orders?limit=3", "the query differs"),
        (("GET", "/zzz", ""), "GET /v1/orders?limit=3", "the path differs"),
    ],
)
def test_the_nearest_recording_is_named(
    request_: tuple[str, str, str], line: str, why: str
) -> None:
    """What was asked in vain is told with what is most like it, and what differs."""
    recordings = Recordings([said(1, "/v1/orders", "limit=3"), said(2, "/x")])
    found = recordings.nearest(request_)
    if request_[1] == "/zzz":
        assert found[1] == why
        return
    assert found == (line, why)


def test_what_has_no_whole_answer_is_not_served() -> None:
    """Records of metadata, with a cut answer or with none are counted and left out."""
    cut = msgspec.structs.replace(full(1), cut=("reply",))
    recordings = Recordings([record(0), cut, msgspec.structs.replace(full(2), status=0)])
    assert (len(recordings), recordings.unusable) == (0, 3)
    assert recordings.nearest(("GET", "/", "")) == ("", "")
