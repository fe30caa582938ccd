import json
from pathlib import Path
from typing import Any

from ingress.journal import har
from ingress.journal.record import Record
from ingress.replay import har as reading
from tests.ingress.journal.recorded import full, record


def written(*records: Record) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(b"".join(har.write(records, "https://shop.example/")))
    return found


def test_a_har_has_what_the_specification_asks_for() -> None:
    """Version, creator and entries, each with request, response, cache and timings."""
    log = written(full(1), record(2))["log"]
    assert log["version"] == "1.2"
    assert log["creator"]["name"] == "queuegate"
    first, second = log["entries"]
    assert set(first) >= {"startedDateTime", "time", "request", "response", "cache", "timings"}
    assert first["request"]["url"] == "https://shop.example/v1/orders?dry=1"
    assert first["request"]["queryString"] == [{"name": "dry", "value": "1"}]
    assert first["request"]["postData"]["mimeType"] == "application/json"
    assert first["response"]["content"]["text"] == '{"id": "o-1"}'
    assert "postData" not in second["request"]
    assert first["_queuegate"]["route"] == "POST /v1/orders"


def test_an_empty_har_is_one() -> None:
    """No records give a document without entries."""
    assert written()["log"]["entries"] == []


def test_what_was_exported_can_be_replayed(tmp_path: Path) -> None:
    """Our own reader of HAR gives the same requests and answers back."""
    records = [full(1), full(2, reply_body=b"\xff\x00"), record(3, code="busy", status=503)]
    path = tmp_path / "x.har"
    path.write_bytes(b"".join(har.write(records, "http://h")))
    found = reading.read(path)
    for one, other in zip(records, found, strict=True):
        assert (one.id, one.started, one.method) == (other.id, other.started, other.method)
        assert (one.target, one.status, one.route) == (other.target, other.status, other.route)
        assert one.open.request_body == other.open.request_body
        assert one.open.reply_body == other.open.reply_body
        assert one.header("x-shop") == other.header("x-shop")
