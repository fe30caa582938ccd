from datetime import datetime

import pytest

from ingress.journal import words

NOW = 1_764_000_000_000


@pytest.mark.parametrize(
    "text, expected",
    [
        ("15m", NOW - 900_000),
        ("15m ago", NOW - 900_000),
        (" 1.5h  ago ", NOW - 5_400_000),
        ("2d", NOW - 172_800_000),
        ("250ms", NOW - 250),
        ("now", NOW),
        ("2025-11-24T16:00:00Z", NOW),
        ("2025-11-24T17:00:00.5+01:00", NOW + 500),
        ("2025-11-24", round(datetime(2025, 11, 24).timestamp() * 1000)),  # noqa: DTZ001 - local
    ],
)
def test_a_moment_is_an_age_or_a_time(text: str, expected: int) -> None:
    """Ages count back from now; ISO times without a zone are local."""
    assert words.moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "15", "15 minutes", "yesterday", "-1m", "99999-01-01"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A text that is no moment says how one is written."""
    with pytest.raises(ValueError, match="a moment is written"):
        words.moment(text, NOW)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("404", (404, 404)),
        ("5XX", (500, 599)),
        (">=500", (500, 999)),
        (">499", (500, 999)),
        ("<=299", (0, 299)),
        ("<300", (0, 299)),
        ("200-299", (200, 299)),
    ],
)
def test_a_status_is_one_or_a_span(text: str, expected: tuple[int, int]) -> None:
    """Statuses are one number, a hundred, what is above or below, or from one to another."""
    assert words.status(text) == expected


@pytest.mark.parametrize("text", ["", "6xx", "20", "=>500", "200-", "ok"])
def test_what_is_no_status_is_refused(text: str) -> None:
    """A text that is no status says how one is written."""
    with pytest.raises(ValueError, match="a status is written"):
        words.status(text)


def test_headers_are_pairs() -> None:
    """Names are in lower case, values are kept as they are; a text without = is refused."""
    assert words.headers(["X-Shop=a=b ", "y="]) == (("x-shop", "a=b "), ("y", ""))
    for text in ("x", "=1"):
        with pytest.raises(ValueError, match="NAME=VALUE"):
            words.headers([text])
