import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import (
    MAX_DEPTH,
    Side,
    pack,
    pack_checked,
    pack_json,
    unpack,
    unpack_json,
)
from contracts.fault import Fault

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)


def values(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@given(values(LEAVES | st.binary()))
def test_msgpack_gives_back_what_it_took(value: Any) -> None:
    """Whatever may cross the wire comes back from msgpack the same."""
    assert unpack(pack(value), side="bad_reply") == value


@given(values(LEAVES))
def test_json_gives_back_what_it_took(value: Any) -> None:
    """Whatever JSON can carry comes back from JSON the same."""
    assert unpack_json(pack_json(value), side="bad_reply") == value


def read_or_fault(read: Callable[..., Any], data: bytes, side: Side) -> Any:
    try:
        return read(data, side=side)
    except Fault as fault:
        return fault


@given(data=st.binary(), side=st.sampled_from(["invalid_request", "bad_reply"]))
def test_any_bytes_give_a_value_or_one_fault(data: bytes, side: Side) -> None:
    """Any bytes give a value that could be sent again, or the fault of who sent them."""
    for read, write in ((unpack, pack), (unpack_json, pack_json)):
        found = read_or_fault(read, data, side)
        if isinstance(found, Fault):
            assert found.code == side
        else:
            write(found)


@given(noise=st.binary(min_size=1, max_size=60), value=values(LEAVES), data=st.data())
def test_damaged_bytes_give_a_value_or_one_fault(
    noise: bytes, value: Any, data: st.DataObject
) -> None:
    """Good bytes that were damaged give a value or one fault, too."""
    good = pack(value)
    at = data.draw(st.integers(0, len(good)))
    found = read_or_fault(unpack, good[:at] + noise + good[at + 1 :], "bad_reply")
    assert not isinstance(found, Fault) or found.code == "bad_reply"


@pytest.mark.parametrize(
    "value",
    [
        datetime.now(UTC),
        {1: "a"},
        {b"a": 1},
        {"a": {1, 2}},
        [object()],
        2**64,
        -(2**63) - 1,
        math.nan,
        [math.inf],
        bytearray(b"x"),
        "\ud800",
        nested(MAX_DEPTH + 1),
    ],
    ids=repr,
)
def test_what_may_not_cross_the_wire(value: Any) -> None:
    """Dates, odd keys, big integers, NaN, lone surrogates and the like are refused by writers."""
    for write in (pack, pack_json):
        with pytest.raises(ValueError, match=r".+"):
            write(value)


def test_bytes_are_for_msgpack() -> None:
    """JSON cannot carry bytes; msgpack can."""
    assert unpack(pack(b"\xff"), side="bad_reply") == b"\xff"
    with pytest.raises(ValueError, match="bytes"):
        pack_json(b"\xff")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x92\x01",
        b"\x01\x02",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xd6\xff\x00\x00\x00\x00",
        b"\xc7\x01\x05x",
        b"\x81\x01\x02",
        b"\x81\x90\x02",
        b"\xa1\xff",
        b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
        b"\x91" * 2000 + b"\x01",
    ],
    ids=lambda data: data[:9].hex() or "nothing",
)
def test_bad_msgpack(data: bytes) -> None:
    """Truncation, trailing bytes, length bombs, extensions, odd keys and depth are one fault."""
    with pytest.raises(Fault, match="invalid_request"):
        unpack(data, side="invalid_request")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"nan", b"NaN", b"1 2", b'{"a":}', b"\xff", b"[" * 5000, b"1" * 400],
    ids=lambda data: data[:9].decode("latin-1") or "nothing",
)
def test_bad_json(data: bytes) -> None:
    """What is no JSON, or no number that others can read, is one fault."""
    with pytest.raises(Fault, match="bad_reply"):
        unpack_json(data, side="bad_reply")


@pytest.mark.parametrize("read, write", [(unpack, pack), (unpack_json, pack_json)])
def test_limits(read: Any, write: Any) -> None:
    """Size and depth are limited where the caller says, and just there."""
    data = write(nested(3))
    assert read(data, side="bad_reply", max_bytes=len(data), max_depth=3) == nested(3)
    with pytest.raises(Fault, match="bytes"):
        read(data, side="bad_reply", max_bytes=len(data) - 1)
    with pytest.raises(Fault, match="deeper"):
        read(data, side="bad_reply", max_depth=2)


def test_trusted_records_are_packed_unseen() -> None:
    """The quick way writes the same bytes, and still refuses what msgpack cannot write."""
    value = {"a": (1, b"x", ["y"])}
    assert pack_checked(value) == pack(value) == msgpack.packb(value)
    for bad in (2**64, object()):
        with pytest.raises(ValueError, match=r".+"):
            pack_checked(bad)
