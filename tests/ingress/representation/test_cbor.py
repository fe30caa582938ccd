from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.representation.cbor import pack, unpack

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(VALUES)
def test_what_was_packed_is_unpacked(value: Any) -> None:
    """All that crosses the wire, and bytes."""
    assert unpack(pack(value)) == value


@pytest.mark.parametrize(
    "data, why",
    [
        ("c249010000000000000000", "a number without bound"),
        ("d81c81d81d00", "a value that holds itself"),
        ("c11a514b67b0", "a date"),
        ("d9d9f701", "a mark for the format"),
        ("9bffffffffffffffff", "a list longer than the body"),
        ("5a7fffffff00", "a string longer than the body"),
        ("81" * 1000, "nested too deep"),
        ("a10102", "a key that is no text"),
        ("a1416101", "a key that is bytes"),
        ("a2616101616102", "a key twice"),
        ("0101", "something behind it"),
        ("f7", "undefined"),
        ("f0", "a simple value"),
        ("f97e00", "not a number"),
        ("", "nothing"),
    ],
)
def test_what_json_has_no_word_for_is_refused(data: str, why: str) -> None:
    """And what would be larger than what was sent."""
    with pytest.raises(Fault) as caught:
        unpack(bytes.fromhex(data))
    assert caught.value.code == "invalid_request", why


@given(st.binary(max_size=100))
def test_any_bytes_are_a_value_or_one_fault(data: bytes) -> None:
    """Nothing else is raised."""
    try:
        unpack(data)
    except Fault as fault:
        assert fault.code == "invalid_request"  # noqa: PT017 - a value is right too
