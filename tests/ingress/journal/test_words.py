import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.journal import words

NOW = 1_764_000_000_000


@pytest.mark.parametrize(
    "text, ago",
    [
        ("15m", 900_000),
        ("15m ago", 900_000),
        (" 15M  AGO ", 900_000),
        ("1.5h", 5_400_000),
        ("250ms", 250),
        ("7d", 604_800_000),
        ("now", 0),
    ],
)
def test_a_moment_may_be_a_while_ago(text: str, ago: int) -> None:
    """A duration is so long before now, with the word ago or without."""
    assert words.moment(text, NOW) == NOW - ago


@pytest.mark.parametrize(
    "text",
    ["2026-01-31T10:30:00Z", "2026-01-31T11:30:00+01:00", "2026-01-31 10:30:00+00:00"],
)
def test_a_moment_may_be_a_date_with_a_zone(text: str) -> None:
    """ISO 8601 is read with its zone."""
    expected = datetime(2026, 1, 31, 10, 30, tzinfo=UTC).timestamp() * 1000
    assert words.moment(text, NOW) == expected


def test_a_moment_without_a_zone_is_local() -> None:
    """A date, a time of today and the words for days are those of the machine."""
    local = datetime.fromtimestamp(NOW / 1000).astimezone()
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    assert words.moment("today", NOW) == midnight.timestamp() * 1000
    assert words.moment("00:30", NOW) == midnight.timestamp() * 1000 + 1_800_000
    assert words.moment(f"{local:%Y-%m-%d}", NOW) == midnight.timestamp() * 1000
    assert words.moment("yesterday", NOW) < words.moment("today", NOW)
    assert words.moment(str(NOW), NOW) == NOW


@pytest.mark.parametrize("text", ["", "15", "15x", "soon", "2026-13-01", "25:00", "ago", "-5m"])
def test_what_is_no_moment_is_told(text: str) -> None:
    """The sentence shows how a moment is written."""
    with pytest.raises(ValueError, match="a moment is written 15m ago"):
        words.moment(text, NOW)


@given(st.text(max_size=20))
def test_any_text_is_a_moment_or_an_error(text: str) -> None:
    """Nothing that can be typed raises anything but a ValueError."""
    with contextlib.suppress(ValueError):
        assert isinstance(words.moment(text, NOW), int)


@pytest.mark.parametrize(
    "text, span",
    [
        ("404", (404, 404)),
        ("5xx", (500, 599)),
        ("4XX", (400, 499)),
        (">=500", (500, 999)),
        ("> 499", (500, 999)),
        ("<400", (0, 399)),
        ("<=204", (0, 204)),
        ("200-299", (200, 299)),
    ],
)
def test_statuses_are_one_or_many(text: str, span: tuple[int, int]) -> None:
    """A number, a class, a bound and a range are the first status and the last."""
    assert words.status(text) == span


@pytest.mark.parametrize("text", ["", "40", "6xx", "500+", "=500", "a-b", "٤٠٤"])
def test_what_is_no_status_is_told(text: str) -> None:
    """The sentence shows how a status is written."""
    with pytest.raises(ValueError, match="a status is written 404, 5xx"):
        words.status(text)


def test_headers_are_pairs() -> None:
    """Names are in lower case, values are as they are, also with an equals sign in them."""
    assert words.headers(["X-Shop=a=B ", "y="]) == (("x-shop", "a=B "), ("y", ""))
    for text in ("x-shop", "=a"):
        with pytest.raises(ValueError, match="NAME=VALUE"):
            words.headers([text])
