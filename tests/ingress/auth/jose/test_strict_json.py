import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.auth.jose import strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
def test_plain_json_is_read(value: dict[str, object]) -> None:
    """What everybody writes is read as everybody reads it."""
    assert strict_json.read_object(json.dumps(value).encode()) == value


HOSTILE = {
    "a name twice": b'{"a":1,"a":2}',
    "a name twice, once escaped": b'{"alg":1,"\\u0061lg":2}',
    "a name twice, deep inside": b'{"a":[{"b":1,"b":1}]}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":Infinity}',
    "minus Infinity": b'{"a":-Infinity}',
    "a number past the range": b'{"a":1e999}',
    "ten thousand digits": b'{"a":1' + b"0" * 10_000 + b"}",
    "no UTF-8": b'{"a":"\xff"}',
    "an overlong form": b'{"a":"\xc0\x80"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a":1}'.encode("utf-16-le"),
    "UTF-32": '{"a":1}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "half a surrogate pair": b'{"a":"\\ud800"}',
    "half a surrogate pair in a name": b'{"\\udc00":1}',
    "depth": b'{"a":' + b"[" * 17 + b"]" * 17 + b"}",
    "great depth": b'{"a":' + b"[" * 100_000,
    "a comment": b'{"a":1}//',
    "single quotes": b"{'a':1}",
    "a comma too many": b'{"a":1,}',
    "a raw control character": b'{"a":"\n"}',
    "two values": b'{"a":1}{"a":1}',
    "a list": b"[1]",
    "a text": b'"a"',
    "a number": b"1",
    "null": b"null",
    "nothing": b"",
    "half an object": b'{"a":',
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_others_may_read_otherwise_is_refused(data: bytes) -> None:
    """Whatever is no object, or could mean two things, is a ValueError that shows none of it."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is asserted on below
        strict_json.read_object(data)
    assert len(str(caught.value)) < 200


@given(st.binary(max_size=60))
def test_any_bytes_give_an_object_or_one_error(data: bytes) -> None:
    """Nothing but a ValueError comes of garbage."""
    with suppress(ValueError):
        assert isinstance(strict_json.read_object(data), dict)
