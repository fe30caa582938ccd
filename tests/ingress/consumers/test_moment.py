"""Moments as people write them."""

import pytest

from ingress.consumers import moment


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("1970-01-02", 86_400),
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01 00:00:00.5+00:00", 0.5),
    ],
)
def test_a_moment_is_read(text: str, seconds: float) -> None:
    """A day alone begins in UTC."""
    assert moment.read(text) == seconds


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01", "2027-01-01T00:00:00", "5"])
def test_what_is_none_is_told(text: str) -> None:
    """Nobody's time zone is guessed."""
    with pytest.raises(ValueError, match="a moment"):
        moment.read(text)


def test_it_is_written_as_it_is_read() -> None:
    """In UTC."""
    assert moment.write(moment.read("2027-01-31T12:00:00Z")) == "2027-01-31T12:00:00Z"
