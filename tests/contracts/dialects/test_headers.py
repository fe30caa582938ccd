from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.dialects.fields import Malformed
from contracts.dialects.headers import CallHeaders, read_headers

HEADERS: dict[str, Any] = {
    "x-deadline": 1_790_000_000_000,
    "x-attempt": 2,
    "x-route": "POST /v1/orders",
    "traceparent": "00-1-2-01",
    "tracestate": "a=b",
    "x-replay": "run/r-1",
    "x-mirror": "GET /a",
}


def test_all_that_a_call_has() -> None:
    """Each header has its field; what else is there is not looked at."""
    read = read_headers({**HEADERS, "x-operation": 7, "x-mine": [1]})
    assert [getattr(read, name) for name in read.__struct_fields__] == list(HEADERS.values())


def test_what_is_missing_is_the_default() -> None:
    """A message of a stranger has none of them."""
    assert read_headers({}) == CallHeaders()
    assert CallHeaders().attempt == 1


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("value", [None, True, 1.0, -1, b"x", [], {}])
def test_what_is_wrong_is_named(name: str, value: object) -> None:
    """A header of another type, or a number below 0, is told of by its name."""
    with pytest.raises(Malformed, match=name):
        read_headers({**HEADERS, name: value})


@given(
    st.dictionaries(
        st.sampled_from(list(HEADERS)), st.none() | st.booleans() | st.integers() | st.text()
    )
)
def test_any_headers_are_read_or_refused(headers: dict[str, Any]) -> None:
    """Whatever they hold, they are read, or refused with one error."""
    with suppress(Malformed):
        assert isinstance(read_headers(headers), CallHeaders)
