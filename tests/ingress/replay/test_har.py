import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingress.journal import har as export
from ingress.journal.record import JournalError, Record
from ingress.replay import har
from tests.ingress.journal.recorded import full, record

# As Chrome writes it, shortened.
ENTRY: dict[str, Any] = {
    "startedDateTime": "2025-11-24T16:00:00.250Z",
    "time": 12.5,
    "request": {
        "method": "POST",
        "url": "https://shop.example/v1/orders?dry=1",
        "httpVersion": "h2",
        "headers": [
            {"name": ":authority", "value": "shop.example"},
            {"name": "Content-Type", "value": "application/json"},
        ],
        "postData": {"mimeType": "application/json", "text": '{"sku": "té"}'},
    },
    "response": {
        "status": 201,
        "headers": [
            {"name": "X-Request-Id", "value": "r-9"},
            {"name": "content-encoding", "value": "br"},
        ],
        "content": {"size": 2, "text": "/wA=", "encoding": "base64"},
    },
}


def read(folder: Path, *entries: Any) -> list[Record]:
    path = folder / "a.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return har.read(path)


def test_an_entry_becomes_a_record(tmp_path: Path) -> None:
    """Request, answer and time are there; pseudo headers and the coding of the wire are not."""
    (record,) = read(tmp_path, ENTRY)
    assert (record.id, record.method, record.target) == ("r-9", "POST", "/v1/orders?dry=1")
    assert (record.started, record.duration_us, record.status) == (1764000000250, 12500, 201)
    content = record.open
    assert content.request_headers == (("content-type", "application/json"),)
    assert content.request_body == '{"sku": "té"}'.encode()
    assert content.reply_headers == (("x-request-id", "r-9"),)
    assert content.reply_body == b"\xff\x00"
    assert record.route == "POST /v1/orders"


def test_our_own_export_is_read_back(tmp_path: Path) -> None:
    """What was exported comes back, with what it lacks: it is not taken for whole."""
    whole = msgspec.structs.replace(
        full(7), cut=("request",), redacted=("request.header authorization",), caller="ann"
    )
    path = tmp_path / "a.har"
    path.write_bytes(b"".join(export.write([whole, record(8)], "https://api.example")))
    first, second = har.read(path)
    assert (first.route, first.operation, first.caller) == (
        *("POST /v1/orders", "orders.create", "ann"),
    )
    assert (first.cut, first.redacted, second.level) == (whole.cut, whole.redacted, "metadata")
    assert first.open.request_body == whole.open.request_body
    assert first.target == whole.target


def test_records_come_in_the_order_of_time(tmp_path: Path) -> None:
    """Entries are sorted by when they began, and each has a place of its own."""
    early = {**ENTRY, "startedDateTime": "2025-11-24T15:00:00+01:00"}
    records = read(tmp_path, ENTRY, early, ENTRY)
    assert [one.started for one in records] == [1763992800000, 1764000000250, 1764000000250]
    assert len({one.place for one in records}) == 3


def broken(path: str, value: Any) -> dict[str, Any]:
    """Give the entry with one field replaced."""
    entry: dict[str, Any] = copy.deepcopy(ENTRY)
    at: Any = entry
    *names, last = path.split(".")
    for name in names:
        at = at[name]
    at[last] = value
    return entry


@pytest.mark.parametrize(
    "path, value, complaint",
    [
        ("startedDateTime", "yesterday", "no ISO 8601 time"),
        ("startedDateTime", None, "startedDateTime is missing"),
        ("time", "x", "time is no number"),
        ("request", 1, "request is missing"),
        ("request.url", "", "request.url is missing"),
        ("request.url", "http://[", "Invalid"),
        ("request.headers", 1, "request.headers is no list"),
        ("request.headers", [{"name": "a"}], "without name and value"),
        ("request.postData", [], "request.postData"),
        ("response", None, "response is missing"),
        ("response.status", None, "status is no number"),
        ("response.content.text", "%", "no base64"),
        ("_queuegate", {"cut": 1}, "_queuegate"),
    ],
)
def test_a_wrong_entry_is_told_by_its_number(
    tmp_path: Path, path: str, value: Any, complaint: str
) -> None:
    """What is wrong is told with the number of the entry."""
    with pytest.raises(JournalError, match=rf"entry 2: .*{complaint}"):
        read(tmp_path, ENTRY, broken(path, value))


def test_what_tools_leave_open_is_taken(tmp_path: Path) -> None:
    """An answer that never came, a time that nobody knows and no bodies at all are fine."""
    bare = {
        "startedDateTime": "2025-11-24T16:00:00",
        "time": -1,
        "request": {"method": "get", "url": "/x"},
        "response": {"status": 0},
    }
    (record,) = read(tmp_path, bare)
    assert (record.id, record.method, record.path, record.status) == ("har-1", "GET", "/x", 0)


@pytest.mark.parametrize(
    "data, complaint",
    [
        (b"", "is no HAR"),
        (b"[]", "no log.entries"),
        (b'{"log": {"entries": {}}}', "no log.entries"),
        (b"[" * 100_000, "is no HAR"),
    ],
)
def test_what_is_no_har_is_told(tmp_path: Path, data: bytes, complaint: str) -> None:
    """A file that is something else, or is not there, is one error with its path."""
    path = tmp_path / "a.har"
    with pytest.raises(JournalError, match="no such file"):
        har.read(path)
    path.write_bytes(data)
    with pytest.raises(JournalError, match=complaint):
        har.read(path)
    path.write_bytes(b'\xef\xbb\xbf{"log": {"entries": []}}')
    assert har.read(path) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=60) | st.sampled_from([b'{"log":{"entries":[1]}}', b'{"log":1}']))
def test_any_bytes_give_records_or_one_error(tmp_path: Path, data: bytes) -> None:
    """Garbage gives a JournalError and nothing else."""
    path = tmp_path / "a.har"
    path.write_bytes(data)
    with pytest.raises(JournalError):
        har.read(path)
