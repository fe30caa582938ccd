import pytest

from ingress.limits.rate import Rate, parse


@pytest.mark.parametrize(
    "text, calls, seconds, shown",
    [
        ("10/s", 10, 1, "10/1s"),
        ("1000/m", 1000, 60, "1000/1m"),
        ("50/10s", 50, 10, "50/10s"),
        ("5/90s", 5, 90, "5/90s"),
        ("7/24h", 7, 86_400, "7/1d"),
    ],
)
def test_a_rate_is_read_and_written(text: str, calls: int, seconds: int, shown: str) -> None:
    """A rate is so many calls in a window of whole seconds, and what is shown reads the same."""
    assert parse(text) == Rate(calls, seconds)
    assert str(parse(text)) == shown
    assert parse(shown) == parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "10", "10/", "0/s", "10/0s", "10/ms", "1.5/s", "10/s ", "10/s\n", "-1/s", "\u0661/s"],
)
def test_what_is_no_rate_is_told(text: str) -> None:
    """Whatever else stands there is refused with an example."""
    with pytest.raises(ValueError, match="calls/window"):
        parse(text)


def test_a_longer_window_is_a_quota() -> None:
    """A window of more than a day is refused, and the error says what there is instead."""
    with pytest.raises(ValueError, match="quotas"):
        parse("10/25h")
