import base64
import resource
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.representation.forms import Limits, is_multipart, read

KIND = 'multipart/form-data; boundary="b"'
LIMITS = Limits(parts=10, field=100, file=200)


def part(name: str, data: bytes = b"v", **options: str) -> bytes:
    said = "".join(f'; {key}="{value}"' for key, value in options.items() if key != "kind")
    kind = f"content-type: {options['kind']}\r\n" if "kind" in options else ""
    head = f'content-disposition: form-data; name="{name}"{said}\r\n{kind}\r\n'
    return b"--b\r\n" + head.encode() + data + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


def refusal(body: bytes, limits: Limits = LIMITS, kind: str = KIND) -> Fault:
    with pytest.raises(Fault) as caught:
        read(kind, body, limits)
    return caught.value


def test_parts_become_fields() -> None:
    """A name that comes again makes a list; a file has a name, a type and its data."""
    body = form(
        part("a", "é".encode()),
        part("b", b"1"),
        part("b", b""),
        part("f", b"\x00\xff", filename="x.png", kind="image/png"),
    )
    found: Mapping[str, Any] = read(KIND, body, LIMITS)
    assert (found["a"], found["b"]) == ("é", ["1", ""])
    assert found["f"] == {
        "filename": "x.png",
        "content_type": "image/png",
        "data": base64.b64encode(b"\x00\xff").decode(),
    }


def test_what_is_too_much_is_413() -> None:
    """Parts, a field, a file."""
    assert refusal(form(*[part("a")] * 11)).code == "too_large"
    assert refusal(form(part("a", b"x" * 101))).code == "too_large"
    assert refusal(form(part("a", b"x" * 201, filename="f"))).code == "too_large"
    assert read(KIND, form(part("a", b"x" * 200, filename="f")), LIMITS)


def test_files_are_taken_only_where_they_are_wanted() -> None:
    """A form of texts has none."""
    limits = Limits(parts=10, field=100, file=0)
    assert refusal(form(part("a", filename="f")), limits).code == "invalid_request"


@pytest.mark.parametrize(
    "body, kind",
    [
        (b"", KIND),
        (b"garbage", KIND),
        (part("a"), KIND),
        (b"--b\r\n\r\nv\r\n--b--\r\n", KIND),
        (form(part("a", b"\xff")), KIND),
        (form(part("a")), "multipart/form-data"),
        (form(part("a")), 'multipart/form-data; boundary="other"'),
        (form(b"--b\r\nx: y\r\n" * 20), KIND),
    ],
)
def test_what_is_no_form_is_400(body: bytes, kind: str) -> None:
    """Cut, without a boundary, without names, not UTF-8."""
    assert refusal(body, kind=kind).code in {"invalid_request", "too_large"}


def test_ten_thousand_parts_are_not_looked_at() -> None:
    """The first one too many ends it, and memory stays flat."""
    body = form(*[part("a")] * 10_000)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert refusal(body).status == 413
    assert time.process_time() - began < 0.1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024


@given(st.binary(max_size=200))
def test_any_bytes_are_fields_or_one_fault(garbage: bytes) -> None:
    """In a form and instead of one."""
    for body in (garbage, form(part("a", garbage)), b"--b\r\n" + garbage):
        try:
            read(KIND, body, LIMITS)
        except Fault as fault:
            assert fault.code in {"invalid_request", "too_large"}  # noqa: PT017 - fields are right


def test_a_form_is_known_by_its_type() -> None:
    """Other kinds of multipart are none."""
    assert is_multipart("multipart/form-data")
    assert not is_multipart("multipart/mixed")
