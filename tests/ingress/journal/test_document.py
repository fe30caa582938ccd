import msgspec

from ingress.journal.document import document
from tests.ingress.journal.recorded import full, record


def test_metadata_has_no_sides() -> None:
    """What was not recorded is not there, rather than empty."""
    told = document(record(5, duration_us=1500, code="busy"))
    assert (told["id"], told["duration_ms"], told["code"]) == ("r-5", 1.5, "busy")
    assert told["started"] == "2025-11-24T16:00:00.005Z"
    assert "request" not in told


def test_bodies_are_text_where_they_can_be() -> None:
    """UTF-8 is shown as it is and other bytes in base64."""
    told = document(full(reply_body=b"\xff"))
    assert told["request"]["body"] == '{"sku": "tea", "quantity": 2}'
    assert told["request"]["headers"][1] == ("x-shop", "a")
    assert told["reply"]["body"] == {"base64": "/w=="}


def test_what_is_locked_says_so() -> None:
    """An encrypted record names the key that it needs."""
    told = document(record(content=b"sealed", key="k1", level="full"))
    assert told["locked"] == "k1"
    assert "request" not in told


def test_it_can_be_json() -> None:
    """Every value is one that JSON has."""
    assert msgspec.json.decode(msgspec.json.encode(document(full())))["status"] == 201
