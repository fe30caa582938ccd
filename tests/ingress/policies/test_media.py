"""Bodies that are not what they should be."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.policies.media import Media, build
from tests.ingress.policies.asked import Asked

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MSGPACK = "application/msgpack"


def media(*kinds: str, required: bool = True, wellformed: bool = True) -> Media:
    return Media(kinds, required=required, wellformed=wellformed)


def refusal(policy: Media, asked: Asked) -> Fault:
    with pytest.raises(Fault) as caught:
        policy.admit(asked)
    return caught.value


@pytest.mark.parametrize(
    "kind, body",
    [
        ("application/json", b'{"a": [1, 2.5, null]}'),
        ("Application/JSON; charset=UTF-8", b'"\xc3\xa9"'),
        ('application/json; charset="utf-8"', b"1"),
        ("image/png", b"\x89PNG"),
        ("application/merge-patch+json", b"{}"),
        (FORM, b"a=1&b=%C3%A9&c"),
        (MSGPACK, b"\x81\xa1a\x01"),
    ],
)
def test_a_body_of_a_type_that_is_taken_passes(kind: str, body: bytes) -> None:
    """Types compare without case and parameters, and image/* takes every image."""
    policy = media(JSON, "image/*", "application/merge-patch+json", FORM, MSGPACK)
    assert policy.admit(Asked(body, content_type=kind)) is None


@pytest.mark.parametrize("kind", ["text/plain", "", "application/jsonp", "imagex/png", "json"])
def test_another_content_type_is_415_and_told_what_is_taken(kind: str) -> None:
    """The answer carries Accept (RFC 9110 section 15.5.16)."""
    fault = refusal(media(JSON, "image/*"), Asked(b"{}", content_type=kind))
    assert fault.code == "unsupported_media_type"
    assert fault.headers == (("accept", "application/json, image/*"),)


def test_a_body_without_a_content_type_is_415() -> None:
    """Where a body is to be understood, it must be said what it is."""
    assert refusal(media(JSON), Asked(b"{}")).code == "unsupported_media_type"


def test_an_empty_body_is_refused_where_one_is_required() -> None:
    """Otherwise no body is fine, whatever its type would be."""
    asked = Asked(b"", content_type="text/plain")
    assert refusal(media(JSON), asked).code == "invalid_request"
    assert media(JSON, required=False).admit(asked) is None


@pytest.mark.parametrize(
    "body, where",
    [
        (b'{"a": 1,}', "line 1, column 9"),
        (b'{\n  "a": x\n}', "line 2, column 8"),
        (b'{"a": ', "line 1, column 7"),
        (b"{} {}", "trailing characters"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        (b'"\xff"', "not UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b"not json", "line 1, column"),
    ],
)
def test_what_is_no_json_is_400_with_the_place(body: bytes, where: str) -> None:
    """Line and column count from 1."""
    fault = refusal(media(JSON), Asked(body, content_type=JSON))
    assert fault.code == "invalid_request"
    assert where in fault.detail


@pytest.mark.parametrize(
    "kind, body",
    [(FORM, b"a=%zz"), (FORM, b"a=%ff"), (FORM, b"a=%"), (MSGPACK, b"\xc1"), (MSGPACK, b"\x81")],
)
def test_what_is_no_form_and_no_msgpack_is_400(kind: str, body: bytes) -> None:
    """A body is held to the type that it claims."""
    assert refusal(media(kind), Asked(body, content_type=kind)).code == "invalid_request"


def test_a_compressed_body_cannot_be_checked() -> None:
    """It is 415 with Accept-Encoding, and passes where nothing is parsed."""
    asked = Asked(b"\x1f\x8b", content_type=JSON, content_encoding="gzip")
    fault = refusal(media(JSON), asked)
    assert fault.code == "unsupported_media_type"
    assert fault.headers == (("accept-encoding", "identity"),)
    assert media(JSON, wellformed=False).admit(asked) is None


def test_another_charset_is_415() -> None:
    """JSON between systems is UTF-8 (RFC 8259 section 8.1)."""
    asked = Asked(b"{}", content_type="application/json; charset=latin-1")
    assert refusal(media(JSON), asked).code == "unsupported_media_type"


def test_what_is_not_to_be_wellformed_is_not_parsed() -> None:
    """Then the type alone counts."""
    policy = media(JSON, wellformed=False)
    assert policy.admit(Asked(b"{", content_type=JSON)) is None


@given(st.binary(max_size=60), st.sampled_from([JSON, FORM, MSGPACK, "a/b+json", "a/b"]))
def test_any_body_passes_or_is_one_fault(body: bytes, kind: str) -> None:
    """Garbage gives 400 or nothing, for every type that is parsed."""
    policy = media(kind)
    try:
        policy.admit(Asked(body, content_type=kind))
    except Fault as fault:
        assert fault.code == "invalid_request"  # noqa: PT017 - passing is right too


@given(st.recursive(st.none() | st.integers(-9, 9) | st.text(), st.lists, max_leaves=9))
def test_what_json_carries_passes(value: object) -> None:
    """No good document is refused."""
    assert media(JSON).admit(Asked(msgspec.json.encode(value), content_type=JSON)) is None


def test_it_is_there_only_where_a_route_has_a_body_section() -> None:
    """All other bodies are bytes that nobody looks at."""
    assert build({}) is None
    asked = {"media": (JSON,), "required": True, "wellformed": False}
    built = build({"body": asked})
    assert built is not None
    assert built.settings() == {"media": [JSON], "required": True, "wellformed": False}
