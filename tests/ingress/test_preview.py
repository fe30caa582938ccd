import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from ingress.preview import harmless, preview


@pytest.mark.parametrize(
    "kind, body, shown",
    [
        ("application/json", b'{ "a": [1, 2] }', '{"a":[1,2]}'),
        ("application/problem+json; charset=utf-8", b'{"a": 1}', '{"a":1}'),
        ("application/msgpack", msgpack.packb({"op": "a.b", "body": b'{"n":1}'}), None),
        ("application/msgpack", b"\xc1 garbage", "0xc12067617262616765"),
        ("application/json", b"{not json", "{not json"),
        ("text/plain", "größe".encode(), "größe"),
        ("", b"\xff\x00", "0xff00"),
        ("", b"", ""),
    ],
)
def test_a_body_is_shown_as_what_it_is(kind: str, body: bytes, shown: str | None) -> None:
    """JSON and msgpack become compact JSON, text stays text, and other bytes are hexadecimal."""
    expected = '{"op":"a.b","body":"{\\"n\\":1}"}' if shown is None else shown
    assert preview(Message(body=body, content_type=kind)) == expected


def test_bytes_inside_msgpack_that_are_no_text() -> None:
    """Bytes in a map that are no text are base64."""
    body = msgpack.packb({"body": b"\xff"})
    assert (
        preview(Message(body=body, content_type="application/msgpack")) == '{"body":"base64:/w=="}'
    )


def test_a_body_cannot_talk_to_the_terminal() -> None:
    """Control sequences, line ends and text that runs backwards are escaped."""
    shown = preview(Message(body="\x1b[31m red\n\u202e".encode()))
    assert shown == "\\x1b[31m red\\n\\u202e"
    assert harmless("plain") == "plain"


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", "application/msgpack", "text/plain", ""]),
    st.integers(1, 50),
)
def test_any_body_is_one_short_printable_line(body: bytes, kind: str, most: int) -> None:
    """Whatever the body is, no more is shown than asked for, and nothing that is unprintable."""
    shown = preview(Message(body=body, content_type=kind), most)
    assert len(shown) <= max(most, 2) + 2
    assert shown.isprintable()


def test_a_long_body_says_that_there_is_more() -> None:
    """What is cut off ends in an ellipsis, also when it is too large to be decoded."""
    assert preview(Message(body=b"x" * 500), 10) == "x" * 9 + "…"
    big = b'{"a":"' + b"x" * 300_000 + b'"}'
    assert preview(Message(body=big, content_type="application/json"), 10) == '{"a":"xxx…'
