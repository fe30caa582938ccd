import gzip
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingress.journal import names
from ingress.journal.record import Pairs
from ingress.journal.redact import REDACTED, Redaction, Rules

USUAL = Redaction(Rules())
JSON = (("content-type", "application/json; charset=utf-8"),)


def body(data: bytes, kind: str = "application/json", by: Redaction = USUAL) -> tuple[bytes, Any]:
    marks: list[str] = []
    return by.body(data, (("content-type", kind),), "request", marks), marks


def test_credentials_are_taken_out_of_headers() -> None:
    """What everybody uses for credentials is taken out without being asked for."""
    marks: list[str] = []
    pairs = tuple((name, "s3cret") for name in sorted(names.HEADERS))
    found = USUAL.headers((*pairs, ("accept", "*/*")), "request", marks)
    assert found == (*((name, REDACTED) for name, _ in pairs), ("accept", "*/*"))
    assert marks == [f"request.header {name}" for name, _ in pairs]


FIELDS = [
    *(("authorization", "s3cret"), ("accept", "*/*"), ("referer", "/a?token=s3cret")),
    *(("content-type", "application/json"), ("content-type", "text/plain")),
    *(("content-type", "application/x-www-form-urlencoded"), ("content-encoding", "gzip")),
    ("content-encoding", "identity"),
]


HEADERS = st.lists(st.sampled_from(FIELDS), max_size=4).map(tuple)
BODIES = st.sampled_from([b"", b"x", b'{"token": "s3cret"}', b"token=s3cret", gzip.compress(b"x")])
MESSAGES = st.tuples(HEADERS, BODIES)


@example((("content-encoding", "gzip"), ("content-encoding", "identity")), b"x")
@given(HEADERS, BODIES)
def test_a_message_is_looked_into_as_its_parts_are(
    pairs: tuple[tuple[str, str], ...], data: bytes
) -> None:
    """In whatever order its headers stand, and if one of them is there twice."""
    marks: list[str] = []
    apart: list[str] = []
    found = USUAL.message(pairs, data, "request", marks)
    headers = USUAL.headers(pairs, "request", apart)
    assert found == (headers, USUAL.body(data, pairs, "request", apart))
    assert marks == apart


@given(MESSAGES, MESSAGES, st.sampled_from([USUAL, Redaction(Rules(body=("$.x",)))]))
def test_a_request_and_its_answer_are_looked_into_as_two_messages(
    request: tuple[Pairs, bytes], reply: tuple[Pairs, bytes], by: Redaction
) -> None:
    """What one of them is or holds changes nothing of how the other is dealt with."""
    marks: list[str] = []
    apart: list[str] = []
    found = by.exchange(request, reply, marks)
    asked, answered = by.message(*request, "request", apart), by.message(*reply, "reply", apart)
    assert found == (*asked, *answered)
    assert marks == apart


def test_headers_without_secrets_stay_as_they_are() -> None:
    """The same pairs come back, and nothing is marked."""
    marks: list[str] = []
    assert USUAL.headers((("accept", "*/*"),), "request", marks) == (("accept", "*/*"),)
    assert marks == []


@pytest.mark.parametrize(
    "url, expected",
    [
        ("https://a/b?token=s3cret&c=d", f"https://a/b?token={REDACTED}&c=d"),
        ("https://a/b#access_token=s3cret", f"https://a/b#access_token={REDACTED}"),
        ("https://u:s3cret@a/b", f"https://{REDACTED}@a/b"),
        ("/b?x=1", "/b?x=1"),
    ],
)
def test_urls_in_headers_are_looked_into(url: str, expected: str) -> None:
    """Query, fragment and user of a referer or a location hold no secrets afterwards."""
    marks: list[str] = []
    assert USUAL.headers((("location", url),), "reply", marks) == (("location", expected),)
    assert bool(marks) == ("s3cret" in url)


@pytest.mark.parametrize(
    "query, expected",
    [
        ("a=1&api_key=s3cret&b=2", f"a=1&api_key={REDACTED}&b=2"),
        ("API-Key=s3cret", f"API-Key={REDACTED}"),
        ("%61pi_key=s3cret", f"%61pi_key={REDACTED}"),
        ("token=a&token=b", f"token={REDACTED}&token={REDACTED}"),
        ("token=&token", "token=&token"),
        ("x=%zz&&=", "x=%zz&&="),
        ("", ""),
    ],
)
def test_secrets_are_taken_out_of_a_query(query: str, expected: str) -> None:
    """Keys are known however they are encoded, and all other bytes stay."""
    assert USUAL.query(query, "query", []) == expected


@pytest.mark.parametrize(
    "data, expected",
    [
        (b'{"password": "s3cret", "a": 1}', {"password": REDACTED, "a": 1}),
        (b'{"a": [{"accessToken": {"v": "s3cret"}}]}', {"a": [{"accessToken": REDACTED}]}),
        (b'{"pass\\u0077ord": "s3cret"}', {"password": REDACTED}),
        (b' {"client-secret": 5}', {"client-secret": REDACTED}),
    ],
)
def test_secrets_are_taken_out_of_json(data: bytes, expected: Any) -> None:
    """Members with a known name are replaced at any depth, however the name is spelled."""
    found, marks = body(data)
    assert json.loads(found) == expected
    assert len(marks) == 1


@pytest.mark.parametrize(
    "data", [b'{"sku":  "tea", "key": 1}', b"5", b"", b'{"password": null}', b"not json", b"[[["]
)
def test_a_body_without_secrets_keeps_its_bytes(data: bytes) -> None:
    """Nothing is written anew where nothing was found."""
    assert body(data) == (data, [])


def test_json_is_known_without_its_type() -> None:
    """A body that begins like JSON is looked into whatever it is called."""
    assert b"s3cret" not in body(b'{"token": "s3cret"}', "text/plain")[0]
    assert b"s3cret" not in body(b'{"token": "s3cret"}', "application/problem+json")[0]


def test_forms_and_msgpack_are_looked_into() -> None:
    """Secrets are found in the other formats that have names."""
    form, marks = body(b"user=a&password=s3cret", "application/x-www-form-urlencoded")
    assert (form, marks) == (f"user=a&password={REDACTED}".encode(), ["request.body password"])
    packed, _ = body(msgspec.msgpack.encode({"a": {"token": "s3cret"}}), "application/msgpack")
    assert msgspec.msgpack.decode(packed) == {"a": {"token": REDACTED}}


@pytest.mark.parametrize(
    "data, kind",
    [
        (b'{"password": "s3cret"', "application/json"),
        (b'{"password": "s3cret"} trailing', "application/json"),
        (b"\x82\xa5token\xa6s3cret", "application/msgpack"),
        (b"<a><password>s3cret</password></a>", "application/xml"),
        (b'--x\r\nname="password"\r\n\r\ns3cret\r\n--x', "multipart/form-data; boundary=x"),
        (b"[login]\nclient_secret = s3cret\n", "text/plain"),
    ],
)
def test_what_cannot_be_looked_into_is_withheld(data: bytes, kind: str) -> None:
    """A body that may hold a secret which cannot be found in it is not kept, and says so."""
    found, marks = body(data, kind)
    assert found == b""
    assert marks[0].startswith("request.body: withheld")


def test_what_is_compressed_is_withheld() -> None:
    """A secret in a compressed body is a secret all the same."""
    marks: list[str] = []
    pairs = (*JSON, ("content-encoding", "gzip"))
    assert USUAL.body(gzip.compress(b'{"password": "s3cret"}'), pairs, "reply", marks) == b""
    assert marks == ["reply.body: withheld, it is compressed"]
    assert USUAL.body(b"", pairs, "reply", []) == b""


def test_text_without_names_is_kept() -> None:
    """Text and bytes in which no name stands with a value are kept as they are."""
    assert body(b"the secret of tea", "text/plain") == (b"the secret of tea", [])
    assert body(b"\x00\x01token", "image/png") == (b"\x00\x01token", [])


def test_a_route_names_more() -> None:
    """Headers, keys and JSON paths of a route are taken out besides."""
    rules = Rules(headers=("X-SSN",), query=("pin",), body=("$.card.number", "$..iban"))
    route = Redaction(rules)
    assert route.headers((("x-ssn", "1"),), "reply", []) == (("x-ssn", REDACTED),)
    assert route.query("pin=1", "query", []) == f"pin={REDACTED}"
    found, marks = body(b'{"card": {"number": 4, "cvc": 1}, "a": [{"iban": "x"}]}', by=route)
    assert json.loads(found) == {
        "card": {"number": REDACTED, "cvc": 1},
        "a": [{"iban": REDACTED}],
    }
    assert marks == ["request.body $.card.number", "request.body $..iban"]
    assert body(b"any text", "text/plain", by=route)[0] == b""


def test_a_digest_keeps_equality_and_nothing_else() -> None:
    """Equal values have equal digests, under one key, and another key gives others."""
    rules = Rules(hashed=("x-api-key", "$.card", "pin"))
    one, other = Redaction(rules, b"k1"), Redaction(rules, b"k2")
    pairs = (("x-api-key", "s3cret"),)
    digest = one.headers(pairs, "request", [])
    assert digest == one.headers(pairs, "request", [])
    assert digest != other.headers(pairs, "request", [])
    assert digest[0][1].startswith("hmac-")
    first, second = (body(b'{"card": "4111"}', by=each)[0] for each in (one, other))
    assert first != second
    assert b"4111" not in first
    assert one.query("pin=7", "query", []) == one.query("pin=%37", "query", [])


def test_a_wrong_path_is_told() -> None:
    """A rule that cannot be compiled is an error, not a rule that never fits."""
    with pytest.raises(ValueError, match="a JSON path is written"):
        Redaction(Rules(body=("card",)))


SECRETS = st.recursive(
    st.text(max_size=3) | st.integers(-9, 9) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "password", "apiKey", "x_token", "token"]), inner)
    ),
)


@given(SECRETS, st.sampled_from(["application/json", "text/plain", "application/msgpack"]))
def test_no_secret_survives_in_any_value(value: Any, kind: str) -> None:
    """Whatever the shape of a body, nothing below a known name is in what is kept."""
    codec = msgspec.msgpack if kind == "application/msgpack" else msgspec.json
    found, _ = body(codec.encode(_planted(value)), kind)
    assert b"s3cret" not in found


@pytest.mark.parametrize("name", ["token", "\\u0074oken"])
def test_json_is_known_by_how_it_begins(name: str) -> None:
    """Whatever it is said to be, and however its names are written."""
    found, marks = body(f' {{"{name}": "s3cret", "a": 1}}'.encode(), "text/plain")
    assert json.loads(found) == {"token": REDACTED, "a": 1}
    assert marks == ["request.body token"]


def _planted(value: Any) -> Any:
    match value:
        case dict():
            return {
                key: "s3cret" if names.plain(key) in names.FIELDS else _planted(inner)
                for key, inner in value.items()
            }
        case list():
            return list(map(_planted, value))
        case _:
            return value
