"""What is believed of a request, and what is refused because it has two readings."""

import pytest

from contracts.fault import Fault
from ingress import grammar
from ingress.grammar import chunk
from ingress.guard.limits import Limits


def fault_in_head(head: bytes, *, version: str, body: bool) -> str:
    """Give the detail of the fault, empty without one."""
    fault = grammar.fault_in_head(head, version=version, body=body)
    return fault.detail if fault else ""


GOOD = b"POST /x?a=b HTTP/1.1\r\nHost: a\r\nX-Odd!#$: caf\xc3\xa9 \xff\t\r\nEmpty:"


@pytest.mark.parametrize(
    "head,body",
    [
        (GOOD, False),
        (GOOD + b"\r\nContent-Length: 12", True),
        (GOOD + b"\r\ncontent-length:\t012 ", True),
        (GOOD + b"\r\nTransfer-Encoding: Chunked", True),
        (b"OPTIONS * HTTP/1.1\r\nhost:", False),
        (b"GET http://a/x HTTP/1.1\r\nHOST: a", False),
    ],
)
def test_a_request_that_has_one_reading_passes(head: bytes, *, body: bool) -> None:
    """Any token, any visible target, any bytes that a field may hold."""
    assert not fault_in_head(head, version="1.1", body=body)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked",
        b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length\t: 3",
        b"GET /x HTTP/1.1\r\nHost: a\r\nX: a\r\n Content-Length: 3",
        b"GET /x HTTP/1.1\r\nHost: a\r\nX: a\nContent-Length: 3",
        b"GET /x HTTP/1.1\r\nHost: a\r\nX: a\rContent-Length: 3",
        b"GET /x HTTP/1.1\r\nHost: a\r\nX: a\x00b",
        b"GET /x HTTP/1.1\r\nHost: a\r\n: b",
        b"GET /x HTTP/1.1\r\nHost: a\r\nX\xc3\xa9: b",
        b"GET /x HTTP/1.1\r\nHost: a\r\nno colon",
        b"GET /x#f HTTP/1.1\r\nHost: a",
        b"GET\n /x HTTP/1.1\r\nHost: a",
        b" /x HTTP/1.1\r\nHost: a",
    ],
)
def test_bytes_that_do_not_belong_there_are_refused(head: bytes) -> None:
    """What one reader takes for a part of a field and another for its end."""
    assert "bytes" in fault_in_head(head, version="1.1", body=False)


@pytest.mark.parametrize("field", [b"", b"\r\nHost: a\r\nhost: b"])
def test_a_request_has_exactly_one_host(field: bytes) -> None:
    """RFC 9112 section 3.2; HTTP/1.0 may have none."""
    assert fault_in_head(b"GET /x HTTP/1.1" + field, version="1.1", body=False)
    assert bool(field) == bool(fault_in_head(b"GET /x HTTP/1.0" + field, version="1.0", body=False))


@pytest.mark.parametrize(
    "field",
    [
        "Content-Length: \u0665",
        "Content-Length: \u00a05",
        "Content-Length: 5, 5",
        "Content-Length: " + "1" * 19,
        "Content-Length:",
        "Transfer-Encoding: \u00a0chunked",
        "Transfer-Encoding: gzip, chunked",
        "X: Content-Length: 5",
    ],
)
def test_a_length_is_digits_of_ascii_and_a_coding_is_chunked(field: str) -> None:
    """The server takes any digits and any white space that Python knows."""
    head = GOOD + b"\r\n" + field.encode()
    assert "length" in fault_in_head(head, version="1.1", body=True)


def test_old_clients_cannot_send_chunks() -> None:
    """RFC 9112 section 6.1: such framing is faulty."""
    head = b"POST /x HTTP/1.0\r\nTransfer-Encoding: chunked"
    assert "1.0" in fault_in_head(head, version="1.0", body=True)


def test_nothing_is_connected_to() -> None:
    """A 200 to a CONNECT would open a tunnel in whatever stands before us."""
    head = b"CONNECT /x HTTP/1.1\r\nHost: a"
    assert "proxy" in fault_in_head(head, version="1.1", body=False)


@pytest.mark.parametrize(
    "head", [b"\r\n5\r\n", b"\r\n0aF\r\nmore", b'\r\n5;a="b;\\"c";d=e\r\n', b"\r\n0\r\n"]
)
def test_a_chunk_begins_with_hexadecimal_digits(head: bytes) -> None:
    """Extensions may follow, and nothing may come before but the line end."""
    size, _, extensions = head[2 : head.index(b"\r\n", 2)].partition(b";")
    assert chunk(bytearray(head)) == (int(size, 16), len(extensions) + bool(extensions))
    assert not any(chunk(head[:cut]) for cut in range(head.index(b"\r\n", 2) + 1))


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n0x5\r\n",
        b"\r\n 5\r\n",
        b"\r\n+5\r\n",
        b"\r\n\r\n",
        b"\r\n5;a\nb\r\n",
        b"\r\n5;a\x00b\r\n",
        "\r\n\u0665\r\n".encode(),
        b"XX5\r\n",
        b"\n\n5\r\n",
        b"\r\n" + b"f" * 17 + b"\r\n",
        b"\r\n5;" + b"a" * 2000,
        b"\r\n5 \r\n",
        b"\r\n5;\r\n",
        b"\r\n5;a b\r\n",
        b'\r\n5;a="b\r\n',
    ],
)
def test_what_cannot_become_the_head_of_a_chunk_is_refused(head: bytes) -> None:
    """Also what stands where a chunk's data should have ended."""
    with pytest.raises(ValueError, match="chunked"):
        chunk(bytearray(head))


@pytest.mark.parametrize(
    "line,field",
    [
        (b"GET http://b/ HTTP/1.1", b"Host: a"),
        (b"GET http://u@a/ HTTP/1.1", b"Host: a"),
        (b"GET ftp://a/ HTTP/1.1", b"Host: a"),
        (b"GET * HTTP/1.1", b"Host: a"),
        (b"GET a:80 HTTP/1.1", b"Host: a"),
        (b"GET / HTTP/1.1", b"Host: a b"),
        (b"GET / HTTP/1.1", b"Host: a\r\nContent_Length: 3"),
    ],
)
def test_where_a_request_goes_and_what_it_says_is_clear(line: bytes, field: bytes) -> None:
    """Target and Host name one host that can be one, and no field is another in disguise."""
    assert fault_in_head(line + b"\r\n" + field, version="1.1", body=False)


def test_what_is_too_much_says_so() -> None:
    """A long target is 414, many fields are 431."""
    limits = Limits(max_url=10, max_headers=2)

    def code(head: bytes) -> str:
        fault = grammar.fault_in_head(head, version="1.1", body=False, limits=limits)
        return fault.code if fault else ""

    assert code(b"GET /23456789 HTTP/1.1\r\nHost: a") == ""
    assert code(b"GET /234567890a HTTP/1.1\r\nHost: a") == "uri_too_long"
    assert code(b"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nX: y") == "headers_too_large"


@pytest.mark.parametrize(
    "head,code",
    [
        (b"GET /" + b"a" * 9000, "uri_too_long"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n", "uri_too_long"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000, "headers_too_large"),
        (b"G" * 9000, "invalid_request"),
    ],
)
def test_a_head_without_an_end_says_what_is_too_long(head: bytes, code: str) -> None:
    """The target, the fields, or no target at all."""
    assert grammar.fault_in_size(bytearray(head)).code == code


@pytest.mark.parametrize("wish", [b"x", b"100-continue, x", b"100-continue\r\nExpect: x", b""])
def test_nothing_is_expected_but_to_go_on(wish: bytes) -> None:
    """Whatever else is asked for is 417, with a body or without."""
    head = b"GET / HTTP/1.1\r\nHost: a\r\nExpect: " + wish
    fault = grammar.fault_in_head(head, version="1.1", body=False)
    assert isinstance(fault, Fault)
    assert fault.code == "expectation_failed"
    assert not fault_in_head(GOOD + b"\r\nExpect: 100-Continue ", version="1.1", body=False)
