import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.coding.choice import Wish, coding_for, media_for, wishes

OURS = ("zstd", "br", "gzip")
KINDS = ("application/json", "application/msgpack", "application/cbor")


@pytest.mark.parametrize(
    "field, chosen",
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("GZIP ; Q=0.7 , br;q=0.2", "gzip"),
        ("*", "zstd"),
        ("*;q=0.5, zstd;q=0", "br"),
        ("gzip;q=0", ""),
        ("identity", ""),
        ("identity;q=1, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0", ""),
        ("deflate, compress", ""),
        ("gzip;q=nonsense", ""),
        ("gzip;q=2", ""),
    ],
)
def test_a_coding_is_chosen_by_its_weight(field: str, chosen: str) -> None:
    """Of two alike ours is first; without a field there is none (RFC 9110 section 12.5.3)."""
    assert coding_for(field, OURS) == chosen


@pytest.mark.parametrize(
    "field, chosen",
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/cbor", "application/cbor"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/json;q=0.5, application/msgpack", "application/msgpack"),
        ("*/*;q=0.5, application/json;q=0.1", "application/msgpack"),
        ("application/json;q=0, application/*", "application/msgpack"),
        ("text/html", ""),
        ("*/*;q=0", ""),
    ],
)
def test_a_media_type_is_chosen_by_the_range_that_is_nearest(field: str, chosen: str) -> None:
    """The most specific one gives the weight (RFC 9110 section 12.5.1)."""
    assert media_for(field, KINDS) == chosen


def test_a_list_is_read_with_weights() -> None:
    """Empty parts are none, and other parameters are passed over."""
    assert wishes("a;v=1;q=0.25,, B") == (Wish("a", 0.25), Wish("b", 1.0))


@given(st.text(max_size=3000))
def test_any_field_is_read(field: str) -> None:
    """Garbage gives a bounded list of wishes and no error."""
    assert len(wishes(field)) <= 50
    assert coding_for(field, OURS) in {"", *OURS}
    assert media_for(field, KINDS) in {"", *KINDS}
