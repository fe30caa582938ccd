"""What the picture of a run shows."""

from xml.etree import ElementTree as ET

from tests.chaos.timeline import Band, kind_of, picture
from tests.faults.load import Kind, Request
from tests.harness.http import Answer

GET = Kind("GET", "/work", 2, idempotent=True)


def _request(status: int, second: float) -> Request:
    request = Request("r", GET)
    request.sent, request.answered = 100.0 + second - 0.1, 100.0 + second
    request.answer = Answer(status, {}, b"") if status else None
    return request


def test_it_is_a_picture() -> None:
    """It is well-formed SVG with a row for each kind of trouble, whatever the names."""
    requests = [_request(200, 0.5), _request(200, 0.6), _request(503, 3.0), _request(0, 4.0)]
    bands = [Band("a <b> & c", 1, 2), Band("d", 3, 4), Band("d", 5, 6)]
    root = ET.fromstring(picture(requests, bands, 100.0, "title"))  # noqa: S314 - it is our own
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert "a <b> & c" in texts
    assert texts.count("d") == 1
    assert "2 a second" in texts


def test_a_run_without_anything_is_a_picture_too() -> None:
    """Nothing sent and no trouble make axes alone."""
    ET.fromstring(picture([], [], 0.0, "nothing"))  # noqa: S314 - as above


def test_each_end_has_a_colour() -> None:
    """Success, refusals by status, hang-ups and silence are told apart."""
    left = _request(0, 1)
    left.left = True
    kinds = [kind_of(_request(status, 1)) for status in (200, 201, 502, 503, 504, 404, 0)]
    assert [*kinds, kind_of(left)] == [
        *["2xx", "2xx", "502", "503", "504", "other", "none"],
        "hung up",
    ]
