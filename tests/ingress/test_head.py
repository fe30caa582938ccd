"""The reader of usual heads: what it takes, what it leaves alone, what it remembers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.guard.limits import USUAL
from ingress.head import Head, HeadReader

HEAD = (
    b"POST /v1/orders/a%20b?x=1&x=2 HTTP/1.1\r\nHost: shop\r\nContent-Type:application/json \r\n"
    b"X-Request-Id: r-1\r\nTraceparent: t\r\nTracestate: s\r\nContent-Length: 3\r\n"
    b"Connection: keep-alive\r\n\r\n"
)


def read(data: bytes) -> Head | None:
    """Read with a reader that knows nothing yet."""
    return HeadReader().read(data)


def test_a_usual_head_is_read_whole() -> None:
    """Method, target, fields without those of the hop, length and ids are all there."""
    head = read(HEAD + b"abc")
    assert head == Head(
        method="POST",
        path="/v1/orders/a%20b",
        query="x=1&x=2",
        fields=(
            ("host", "shop"),
            ("content-type", "application/json"),
            ("x-request-id", "r-1"),
            ("traceparent", "t"),
            ("tracestate", "s"),
        ),
        length=3,
        end=len(HEAD),
        given_id="r-1",
        traceparent="t",
        tracestate="s",
        marked=False,
    )


def test_a_head_that_is_not_whole_is_left_alone() -> None:
    """Cut anywhere, it is none."""
    assert all(read(HEAD[:size]) is None for size in range(len(HEAD)))


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length: 3",
        b"Content-Length: +3",
        b"Host: other",
        b"Transfer-Encoding: chunked",
        b"Expect: 100-continue",
        b"Upgrade: websocket",
        b"Connection: close",
        b"Connection: keep-alive, x-secret",
        b"Trailer: x",
        b"Content-Length : 3",
        b" folded",
        b"A: b\nC: d",
        b"A: b\rC: d",
        b"A: \x00",
        b"no colon",
        b"Content_Length: 3",
        b"Transfer_Encoding: chunked",
    ],
)
def test_what_needs_more_than_one_look_is_left_alone(line: bytes) -> None:
    """Lengths twice, codings, folding, bare line ends: the long way knows what to say of them."""
    assert read(HEAD.replace(b"Host: shop", b"Host: shop\r\n" + line)) is None


@pytest.mark.parametrize(
    "line",
    [
        b"POST * HTTP/1.1",
        b"GET http://shop/ HTTP/1.1",
        b"GET / HTTP/1.0",
        b"GET /#x HTTP/1.1",
        b"GET  / HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b"GET /\xff HTTP/1.1",
        b"CONNECT shop:80 HTTP/1.1",
        b"CONNECT / HTTP/1.1",
    ],
)
def test_an_unusual_request_line_is_left_alone(line: bytes) -> None:
    """Other forms of a target and other versions go the long way."""
    assert read(line + b"\r\nHost: shop\r\n\r\n") is None


def test_a_head_without_a_host_is_left_alone() -> None:
    """RFC 9112 section 3.2 asks for one."""
    assert read(b"GET / HTTP/1.1\r\nA: b\r\n\r\n") is None


def test_a_head_beyond_the_limit_is_left_alone() -> None:
    """The long way answers 431."""
    assert (
        read(b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"b" * USUAL.max_header_size + b"\r\n\r\n")
        is None
    )


@pytest.mark.parametrize("host", [b"a b", b"a,b", b"u@a", b"a:x", b"a:65536", b"[a]", b"\xe9"])
def test_a_host_that_can_be_none_is_left_alone(host: bytes) -> None:
    """The long way refuses it."""
    assert read(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n") is None


def test_a_long_target_and_many_fields_are_left_alone() -> None:
    """Each has a limit of its own, and a status on the long way."""
    many = b"X: y\r\n" * (USUAL.max_headers - 1)
    assert read(b"GET / HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n") is not None
    assert read(b"GET / HTTP/1.1\r\nHost: a\r\nZ: z\r\n" + many + b"\r\n") is None
    long = b"a" * USUAL.max_url
    assert read(b"GET /" + long + b" HTTP/1.1\r\nHost: a\r\n\r\n") is None


def test_a_known_line_reads_as_a_new_one() -> None:
    """What is remembered changes nothing."""
    reader = HeadReader()
    assert reader.read(HEAD) == reader.read(HEAD)
    assert "lines known" in repr(reader)


@pytest.mark.parametrize(
    "name",
    [b"Authorization", b"Cookie", b"X-API-Key", b"Proxy-Authorization", b"X-Auth-Token", b"X-Shop"],
)
def test_no_secret_is_remembered(name: bytes) -> None:
    """Lines that may hold one are read anew each time, also of a name that was given."""
    reader = HeadReader(secret=["x-shop"])
    reader.read(b"GET / HTTP/1.1\r\nHost: a\r\n" + name + b": s3cret\r\n\r\n")
    assert repr(reader) == "<HeadReader 1 lines known>"


@pytest.mark.parametrize(
    "value",
    [b"one", b" \t two \t ", b"", b"a\xe9", b"\xc3\xa9", b"a\x00b", b"a\x7f", b"a\tb", b"a\xa0"],
)
def test_a_secret_reads_the_same_when_its_name_is_known(value: bytes) -> None:
    """The name of the field is remembered, and any value behind it is read as at first."""
    data = b"GET / HTTP/1.1\r\nHost: a\r\nX-API-Key:" + value + b"\r\n\r\n"
    reader = HeadReader()
    assert reader.read(data.replace(value, b" before", 1) if value else data) is not None
    assert reader.read(data) == HeadReader().read(data)
    assert reader.read(b"GET / HTTP/1.1\r\nHost: a\r\nX-API-Key\r\n\r\n") is None


def test_a_secret_length_is_still_looked_at() -> None:
    """A name whose value decides what it means is no less strict where it is called a secret."""
    reader = HeadReader(secret=["content-length", "host"])
    for length in (b"1", b"2"):
        head = reader.read(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + b"\r\n\r\n")
        assert head is not None
        assert head.length == int(length)
    for bad in (b"Host: a\r\nContent-Length: +1", b"Host: a b\r\nContent-Length: 1"):
        assert reader.read(b"POST / HTTP/1.1\r\n" + bad + b"\r\n\r\n") is None


def test_what_is_remembered_is_bounded() -> None:
    """Clients that never say a line twice fill no memory, nor do long lines."""
    reader = HeadReader()
    for number in range(10_000):
        reader.read(b"GET / HTTP/1.1\r\nHost: a\r\nX: %d\r\n\r\n" % number)
    reader.read(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 1000 + b"\r\n\r\n")
    known = int(repr(reader).split()[1])
    assert known <= 4096


def test_bytes_that_are_no_utf8_are_each_a_character() -> None:
    """RFC 9110 section 5.5 gives them no meaning; the worker gets Latin-1."""
    head = read(b"GET / HTTP/1.1\r\nHost: a\r\nX: \xe9\r\nY: \xc3\xa9\r\n\r\n")
    assert head is not None
    assert head.fields[1:] == (("x", "\xe9"), ("y", "\xe9"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_none(data: bytes) -> None:
    """Nothing is raised, whatever comes after a usual beginning."""
    reader = HeadReader()
    reader.read(data + b"\r\n\r\n")
    reader.read(b"GET / HTTP/1.1\r\nHost: a\r\n" + data + b"\r\n\r\n")
