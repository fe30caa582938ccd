import shlex
import subprocess

import pytest

from ingress.journal import curl
from ingress.journal.record import Record
from tests.ingress.journal.recorded import full, record

BASE = "http://h:1/"


def words(one: Record) -> list[str]:
    return shlex.split(curl.line(one, BASE))


def test_a_line_asks_the_same() -> None:
    """Method, headers, body and target are those of the request, whatever is in them."""
    body = b'it\'s "5" $HOME `x`\n'
    headers = (("x-a", "it's"), ("content-length", "9"), ("host", "h"), ("x-request-id", "r"))
    found = words(full(request_body=body, request_headers=headers))
    assert found[:5] == ["curl", "-sS", "-i", "-g", "-H"]
    assert found[5:7] == ["x-a: it's", "--data-binary"]
    assert found[found.index("--data-binary") + 1] == body.decode()
    assert found[-1] == "http://h:1/v1/orders?dry=1"


@pytest.mark.parametrize(
    "method, body, expected",
    [
        ("GET", b"", []),
        ("POST", b"x", []),
        ("POST", b"", ["-X", "POST"]),
        ("GET", b"x", ["-X", "GET"]),
        ("DELETE", b"", ["-X", "DELETE"]),
        ("HEAD", b"", ["-I"]),
    ],
)
def test_the_method_is_said_where_curl_would_take_another(
    method: str, body: bytes, expected: list[str]
) -> None:
    """What curl does by itself is not said, and everything else is."""
    one = Record(
        **{
            **{name: getattr(full(), name) for name in Record.__struct_fields__},
            "method": method,
            "content": full(request_body=body, request_headers=()).content,
        }
    )
    found = words(one)
    assert [word for word in found if word in {"-X", "-I", method}] == expected


@pytest.mark.parametrize("body", [b"\xff\x00'", b"a\0b", b"@/etc/passwd"])
def test_a_shell_gives_curl_the_very_bytes(body: bytes) -> None:
    """Bytes that no shell can write, and what looks like the name of a file, arrive as they are."""
    line = curl.line(full(request_body=body, request_headers=()), BASE)
    if "base64" in line:
        sent = subprocess.run(line.split(" | curl")[0], shell=True, capture_output=True, check=True)  # noqa: S602 - our own line
        assert sent.stdout == body
    else:
        assert "--data-raw" in line


def test_what_is_missing_is_told() -> None:
    """Redaction, a cut body, a lower level and a missing key are warned of."""
    one = full()
    assert list(curl.warnings(one)) == []
    redacted = record(level="full", redacted=("request.header authorization", "reply.header x"))
    assert list(curl.warnings(redacted)) == [
        "not written down, so fill in yourself: request.header authorization"
    ]
    assert "not whole: it had 9 bytes" in next(
        curl.warnings(record(level="full", cut=("request",), bytes_in=9))
    )
    assert "level metadata" in next(curl.warnings(record()))
    assert "the key k1" in next(curl.warnings(record(content=b"x", key="k1")))
