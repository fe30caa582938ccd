import struct
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pamqp.decode
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.brokers.rabbitmq.table import (
    MAX_DEPTH,
    VARIED,
    read_table,
    write_headers,
    write_table,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = TEXT.map(lambda text: text[:30]).filter(bool)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXT
    | st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - given one below
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    )
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=5)

EVERY_TYPE = [
    (b"t\x01", True),
    (b"b\xff", -1),
    (b"B\xff", 255),
    (b"s\xff\xfe", -2),
    (b"u\xff\xfe", 65534),
    (b"I\xff\xff\xff\xfd", -3),
    (b"i\xff\xff\xff\xfd", 2**32 - 3),
    (b"l" + b"\xff" * 8, -1),
    (b"L" + b"\xff" * 8, -1),
    (b"f\x3f\x80\x00\x00", 1.0),
    (b"d\x3f\xf0\x00\x00\x00\x00\x00\x00", 1.0),
    (b"D\x02\x00\x00\x01\x3b", Decimal("3.15")),
    (b"D\x00\xff\xff\xff\xff", Decimal(-1)),
    (b"S\x00\x00\x00\x02\xc3\xbc", "ü"),
    (b"S\x00\x00\x00\x02\xff\xfe", b"\xff\xfe"),
    (b"A\x00\x00\x00\x03Vt\x00", [None, False]),
    (b"T" + (1_790_000_000).to_bytes(8), datetime.fromtimestamp(1_790_000_000, tz=UTC)),
    (b"T" + (2**62).to_bytes(8), None),
    (b"F\x00\x00\x00\x03\x01aV", {"a": None}),
    (b"V", None),
    (b"x\x00\x00\x00\x01\xff", b"\xff"),
]


def table(*fields: bytes) -> bytes:
    body = b"".join(fields)
    return len(body).to_bytes(4) + body


@pytest.mark.parametrize("written, value", EVERY_TYPE, ids=repr)
def test_every_type_is_read(written: bytes, value: Any) -> None:
    """Each type that AMQP 0-9-1 and RabbitMQ know is read, and what follows it too."""
    data = table(b"\x01a" + written, b"\x01zt\x01")
    assert read_table(b"--" + data, 2) == ({"a": value, "z": True}, 2 + len(data))


@given(TABLES)
def test_tables_are_read_as_they_were_written(values: dict[str, Any]) -> None:
    """What we write we read."""
    data = write_table(values)
    assert read_table(data, 0) == (values, len(data))


@given(
    st.dictionaries(st.sampled_from(sorted(VARIED)), TEXT | st.integers(0, 9)),
    st.dictionaries(NAMES | st.sampled_from(sorted(VARIED)), TEXT | st.integers(0, 9), max_size=3),
    st.integers(-(2**63), 2**63 - 1),
)
def test_headers_are_read_as_they_were_written(
    first: dict[str, Any], others: dict[str, Any], last: int
) -> None:
    """What is another each time may stand first: the same fields come out, in their order."""
    headers = {**first, **others, "n": last}
    data = write_headers(headers)
    read, end = read_table(data, 0)
    assert (list(read.items()), end) == (list(headers.items()), len(data))


@given(TABLES)
def test_pamqp_means_the_same(values: dict[str, Any]) -> None:
    """What we write means the same to pamqp."""
    data = write_table(values)
    assert pamqp.decode.field_table(data) == (len(data), values)


@pytest.mark.parametrize("value", [Decimal("-3.15"), Decimal("1E+3"), b"\xff", bytearray(b"x"), ()])
def test_rare_values(value: Any) -> None:
    """Decimals, bytes and tuples are written too."""
    data = write_table({"a": value})
    (read,) = read_table(data, 0)[0].values()
    assert read == (list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize(
    "values",
    [
        {"a": object()},
        {"a": 2**63},
        {"a": Decimal("NaN")},
        {"a": Decimal(2**31)},
        {"a": "\ud800"},
        {"x" * 129: 1},
        {1: 1},
        {"a": {1: 1}},
        {"a": float},
    ],
    ids=repr,
)
def test_what_has_no_form(values: dict[Any, Any]) -> None:
    """What AMQP has no form for is an error of a few kinds, and never half a table."""
    with pytest.raises((TypeError, ValueError, AttributeError, struct.error)):
        write_table(values)


@given(data=st.binary(max_size=60))
@example(data=table(b"\x01aS\xff\xff\xff\xffx"))
@example(data=table(b"\x01aA\x00\x00\x00\x09V"))
@example(data=table(b"\x01aZ"))
def test_any_bytes_give_a_table_or_an_error(data: bytes) -> None:
    """Any bytes are a table or one of three errors; never a hang, never anything else."""
    try:
        _, end = read_table(data, 0)
    except (ValueError, IndexError, struct.error):
        return
    assert end <= len(data)


def test_depth_has_a_limit() -> None:
    """Tables in tables end before the stack does."""
    data = table()
    for _ in range(MAX_DEPTH + 2):
        data = table(b"\x01aF" + data)
    with pytest.raises(ValueError, match="nested deeper"):
        read_table(data, 0)
