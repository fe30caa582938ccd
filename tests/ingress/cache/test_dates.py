"""HTTP dates: three forms, and nothing near them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.cache.dates import parse


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "SUN, 06 nov 1994 08:49:37 gmt",
    ],
)
def test_the_three_forms_are_read(text: str) -> None:
    """RFC 9110 section 5.6.7; letter case is forgiven."""
    assert parse(text) == 784_111_777


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 06  Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
    ],
)
def test_what_is_near_is_no_date(text: str) -> None:
    """A guess would keep an answer that the worker did not mean to be kept."""
    assert parse(text) is None


def test_a_year_of_two_digits_is_not_far_ahead() -> None:
    """More than 50 years from now is of the past century."""
    soon = time.gmtime().tm_year + 1
    assert parse(f"Sunday, 06-Nov-{soon % 100:02} 08:49:37 GMT") > time.time()  # type: ignore[operator]
    far = (time.gmtime().tm_year + 60) % 100
    assert parse(f"Sunday, 06-Nov-{far:02} 08:49:37 GMT") < time.time()  # type: ignore[operator]


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    """Whatever comes, nothing is raised."""
    assert isinstance(parse(text), float | None)
