import pytest

from ingress.journal.migrate import decode
from ingress.journal.record import VERSION, Content, encode
from tests.ingress.journal.recorded import full, record


def test_a_record_begins_with_its_version() -> None:
    """The first byte says which format follows."""
    assert encode(record())[0] == VERSION


@pytest.mark.parametrize("one", [record(), full(), record(content=b"sealed", key="k1")])
def test_a_record_is_read_as_it_was_written(one: object) -> None:
    """Encoding and decoding give the same record, also one whose content is encrypted."""
    assert decode(encode(one)) == one  # type: ignore[arg-type]


def test_a_target_has_its_query() -> None:
    """Path and query are put together as in a request line."""
    assert record(path="/a").target == "/a"
    assert record(path="/a", content=Content(query="b=1")).target == "/a?b=1"


def test_headers_are_found_by_name() -> None:
    """The first value of a header is given, or what the asker wants instead."""
    one = full()
    assert one.header("x-shop") == "a"
    assert one.header("x-none", "-") == "-"
    assert one.reply_header("content-type") == "application/json"


def test_an_encrypted_record_shows_nothing() -> None:
    """Without the key a record says that it is locked, and its content looks empty."""
    one = record(content=b"sealed", key="k1")
    assert one.locked
    assert one.open == Content()
    assert not record().locked
