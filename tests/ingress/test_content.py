from typing import Any

import msgspec
import pytest

from contracts import codec
from contracts.fault import Fault
from ingress import content
from tests.ingress.policies.asked import Asked

FORM = "application/x-www-form-urlencoded"


def refusal(asked: Asked) -> Fault:
    with pytest.raises(Fault) as caught:
        content.value(asked)
    return caught.value


@pytest.mark.parametrize(
    "kind, body, value",
    [
        ("application/json", b'{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        ("APPLICATION/Problem+JSON; charset=UTF-8", b"1", 1),
        ("application/msgpack", codec.pack({"a": b"x"}), {"a": b"x"}),
        (FORM, b"a=1&b=%C3%A9+x&a=2&c", {"a": ["1", "2"], "b": "é x", "c": ""}),
        (FORM, b"", {}),
    ],
)
def test_a_body_is_read_by_its_type(kind: str, body: bytes, value: Any) -> None:
    """JSON and its family, msgpack and forms give their values."""
    assert content.value(Asked(body, content_type=kind)) == value


def test_a_body_without_a_type_is_taken_for_json() -> None:
    """As workers take it."""
    assert content.value(Asked(b"[1]")) == [1]


def test_a_body_is_parsed_once() -> None:
    """Whoever asks second gets the same value, as long as the body is the same."""
    asked = Asked(b'{"a": 1}')
    first = content.value(asked)
    assert content.value(asked) is first
    asked.call = msgspec.structs.replace(asked.call, body=b'{"a": 2}')
    assert content.value(asked) == {"a": 2}


def test_who_makes_a_body_says_what_it_means() -> None:
    """It is not parsed again."""
    asked = Asked(b"[1]")
    made = [1]
    content.remember(asked, made)
    assert content.value(asked) is made


@pytest.mark.parametrize("kind", ["image/png", "multipart/form-data", "text/plain"])
def test_what_nobody_can_read_is_415(kind: str) -> None:
    """The answer says what would have been taken."""
    fault = refusal(Asked(b"x", content_type=kind))
    assert (fault.code, fault.headers) == (
        "unsupported_media_type",
        (("accept", "application/json"),),
    )
    assert content.parser_of(kind) is None


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b'"\xff"', b""])
def test_what_is_no_json_is_400(body: bytes) -> None:
    """However deep it is."""
    assert refusal(Asked(body)).code == "invalid_request"


@pytest.mark.parametrize(
    "body, depth",
    [
        (b"[" * 9 + b"]" * 9, 9),
        (b'{"a": [[{}]], "b": [[]]}', 4),
        (rb'["[[[[\"[[[[", "[["]', 1),
        (b"]]]][[", 0),
        (b'["[[[', 1),
        (b"", 0),
    ],
)
def test_depth_is_counted_without_strings(body: bytes, depth: int) -> None:
    """Brackets in a text open nothing."""
    assert not content.deeper_than(body, depth)
    assert depth == 0 or content.deeper_than(body, depth - 1)


def test_depth_is_bounded_whatever_the_parser_can_do() -> None:
    """A hundred thousand brackets are 400, and so many objects beside each other are not."""
    wide = b"[" + b"{}," * 10_000 + b"{}]"
    assert len(content.value(Asked(wide))) == 10_001
    assert refusal(Asked(b"[" * 10_000 + b"]" * 10_000)).code == "invalid_request"


def test_a_form_has_a_bounded_number_of_fields() -> None:
    """A million fields cost no more than counting them."""
    most = content.MOST_FIELDS
    assert len(content.value(Asked(b"&".join(b"k%d=" % n for n in range(most)), content_type=FORM)))
    assert refusal(Asked(b"&" * most, content_type=FORM)).code == "invalid_request"


def test_a_compressed_body_and_another_charset_are_415() -> None:
    """Bytes that mean something else than they say are not guessed at."""
    zipped = Asked(b"{}", content_type="application/json", content_encoding="gzip")
    assert refusal(zipped).headers == (("accept-encoding", "identity"),)
    latin = Asked(b"{}", content_type="application/json; charset=latin-1")
    assert refusal(latin).code == "unsupported_media_type"
