"""Moments in the route file."""

import pytest

from ingress.versions import moment


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("2026-01-31", 1_769_817_600),
        ("2026-01-31T12:00:00Z", 1_769_860_800),
        ("2026-01-31T12:00+01:00", 1_769_857_200),
    ],
)
def test_a_day_begins_at_midnight_utc(text: str, seconds: int) -> None:
    """A time has its zone."""
    assert moment.read(text) == seconds


@pytest.mark.parametrize("text", [2026, None, "", "31.1.2026", "2026-02-30", "2026-01-31T12:00"])
def test_what_is_no_moment_is_refused(text: object) -> None:
    """With what to write."""
    with pytest.raises(ValueError, match="2027-01-31T12:00:00Z"):
        moment.read(text)


def test_it_is_written_as_it_is_read() -> None:
    """A day without its midnight."""
    assert moment.write(1_769_817_600) == "2026-01-31"
    assert moment.write(1_769_860_800) == "2026-01-31T12:00:00Z"
