"""Header fields on their way through the gateway."""

import pytest

from ingress import fields


def test_hop_by_hop_fields_do_not_reach_the_worker() -> None:
    """The fields of RFC 9110 section 7.6.1 end at the gateway."""
    given = [(name, "x") for name in fields.HOP_BY_HOP if name != "connection"] + [
        ("accept", "*/*")
    ]
    assert fields.to_worker(given) == (("accept", "*/*"),)


def test_fields_that_connection_names_do_not_reach_the_worker() -> None:
    """What the Connection field lists is hop-by-hop too."""
    given = [("connection", "close, X-Secret"), ("x-secret", "1"), ("x-open", "2")]
    assert fields.to_worker(given) == (("x-open", "2"),)


def test_order_and_duplicates_are_kept() -> None:
    """A field that comes twice arrives twice, in order."""
    given = [("accept", "a"), ("x", "1"), ("accept", "b"), ("connection", "keep-alive")]
    assert fields.to_worker(given) == (("accept", "a"), ("x", "1"), ("accept", "b"))


def test_a_worker_does_not_say_what_is_the_edges_to_say() -> None:
    """Length, date, request id and connection are dropped from a reply."""
    given = (
        ("Content-Length", "3"),
        ("Date", "x"),
        ("X-Request-ID", "x"),
        ("Connection", "x"),
        ("ETag", '"1"'),
    )
    assert fields.from_worker(given) == b'etag: "1"\r\n'


@pytest.mark.parametrize(
    "name,value",
    [
        ("x", "a\r\nset-cookie: b"),
        ("x", "a\nb"),
        ("x", "a\x00"),
        ("x: y", "a"),
        ("", "a"),
        ("x\r\n", "a"),
        ("x", "€"),
    ],
)
def test_a_field_that_could_split_the_response_is_unfit(name: str, value: str) -> None:
    """Line ends and bad characters in a worker's fields make the reply unfit."""
    assert fields.from_worker(((name, value),)) is None


def test_what_the_gateway_says_takes_the_place_of_what_a_worker_says() -> None:
    """In any letters, and fit or not; lists are added to, and nothing is kept for other routes."""
    given = (("RateLimit", "lies\n"), ("Vary", "accept"), ("x-a", "1"))
    assert fields.from_worker(given, ("ratelimit", "vary")) == b"vary: accept\r\nx-a: 1\r\n"
    assert fields.from_worker(given[1:], ("x-a",)) == b"vary: accept\r\n"
    assert fields.from_worker(given) is None


@pytest.mark.parametrize("value", ["", "a b", "a\tb", "caf\u00e9", "a\x7fb", "a\u2028b", "a\x00"])
def test_values_of_the_gateway_are_held_to_the_grammar(value: str) -> None:
    """RFC 9110 section 5.5: visible characters, spaces, tabs and the bytes above 7F."""
    fit = all(c == "\t" or " " <= c <= "~" or "\x80" <= c <= "\xff" for c in value)
    expected = f"x: {value}\r\n".encode("latin-1") if fit else None
    assert fields.from_gateway([("x", value)]) == expected
    assert fields.from_gateway([("x y", value)]) is None


@pytest.mark.parametrize(
    "sent,text",
    [
        (b"plain", "plain"),
        ("caf\u00e9".encode(), "caf\u00e9"),
        (b"caf\xe9", "caf\u00e9"),
        (b"\xc3\xa9\xff", "\u00c3\u00a9\u00ff"),
    ],
)
def test_bytes_that_are_no_utf8_are_read_as_latin1(sent: bytes, text: str) -> None:
    """The server hands them on as lone surrogates; the whole value is read in one way."""
    assert fields.readable(sent.decode(errors="surrogateescape")) == text
