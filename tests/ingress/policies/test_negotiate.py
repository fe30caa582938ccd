import msgspec
import pytest

from contracts import codec
from contracts.fault import Fault
from ingress import content
from ingress.policies.negotiate import Negotiate, build
from ingress.representation import cbor
from tests.ingress.policies.asked import Asked

JSON, MSGPACK, CBOR = "application/json", "application/msgpack", "application/cbor"
POLICY = Negotiate((JSON, MSGPACK, CBOR))
VALUE = {"sku": "tea", "price": 4.5}


@pytest.mark.parametrize(
    "body, kind",
    [
        (codec.pack(VALUE), MSGPACK),
        (codec.pack(VALUE), "application/x-msgpack"),
        (cbor.pack(VALUE), "Application/CBOR"),
    ],
)
def test_a_body_becomes_json(body: bytes, kind: str) -> None:
    """The worker need know no other form, and nobody parses it again."""
    asked = Asked(body, content_type=kind, content_length="9")
    assert POLICY.admit(asked) is None
    assert msgspec.json.decode(asked.call.body) == content.value(asked) == VALUE
    assert asked.call.headers == (("content-type", JSON),)


def test_json_is_left_alone() -> None:
    """Nobody parses it for this."""
    for headers in ({"content_type": "application/merge-patch+json"}, {}):
        asked = Asked(b"{not even", **headers)
        assert POLICY.admit(asked) is None
        assert asked.call.body == b"{not even"


@pytest.mark.parametrize("kind", ["text/csv", "multipart/form-data"])
def test_another_form_is_415(kind: str) -> None:
    """Told what would be taken."""
    with pytest.raises(Fault) as caught:
        POLICY.admit(Asked(b"x", content_type=kind))
    assert caught.value.code == "unsupported_media_type"
    assert caught.value.headers == (("accept", f"{JSON}, {MSGPACK}, {CBOR}"),)


@pytest.mark.parametrize("body", [b"\xc1", codec.pack({"a": b"bytes"}), b""])
def test_what_cannot_be_json_is_400(body: bytes) -> None:
    """Garbage, and bytes, which JSON cannot carry; no body is none in any form."""
    asked = Asked(body, content_type=MSGPACK)
    if not body:
        assert POLICY.admit(asked) is None
        return
    with pytest.raises(Fault) as caught:
        POLICY.admit(asked)
    assert caught.value.code == "invalid_request"


@pytest.mark.parametrize("accept", ["text/html", "application/*;q=0", "application/xml;q=0.9"])
def test_a_client_that_would_take_no_answer_is_406(accept: str) -> None:
    """Before the call is made."""
    with pytest.raises(Fault) as caught:
        POLICY.admit(Asked(accept=accept))
    assert (caught.value.code, caught.value.status) == ("not_acceptable", 406)
    assert caught.value.extensions["available"] == [JSON, MSGPACK, CBOR]


def test_it_is_there_only_where_a_route_asks() -> None:
    """It tells what it takes."""
    assert build({}) is None
    assert build({"negotiate": "off"}) is None
    built = build({"negotiate": {"media": (JSON,)}})
    assert built is not None
    assert built.settings() == {"media": [JSON]}
