import pytest

from ingress.replay import pace


def test_the_original_pace_keeps_the_distances() -> None:
    """Calls are as far apart as they came, or nearer by the factor; none is before the first."""
    once = pace.of(speed=1, per_second=None)
    assert [once.due(n, started) for n, started in enumerate((1000, 1500, 900))] == [0, 0.5, 0]
    twice = pace.of(speed=2, per_second=None)
    assert [twice.due(n, started) for n, started in enumerate((1000, 1500))] == [0, 0.25]


def test_a_rate_spaces_the_calls() -> None:
    """With a rate the calls are evenly apart, whenever they came."""
    even = pace.of(speed=None, per_second=4)
    assert [even.due(number, 7) for number in range(3)] == [0, 0.25, 0.5]


def test_without_either_all_is_due() -> None:
    """The default is as fast as possible, and each pace says what it is."""
    fast = pace.of(speed=None, per_second=None)
    assert fast.due(9, 9) == 0
    assert repr(fast) == "as fast as possible"
    assert repr(pace.Original()) == "at the original pace"
    assert repr(pace.Original(2)) == "at 2 times the pace"
    assert repr(pace.Rate(100)) == "at 100 a second"


def test_a_speed_and_a_rate_exclude_each_other() -> None:
    """Both at once cannot be meant."""
    with pytest.raises(ValueError, match="exclude"):
        pace.of(speed=1, per_second=1)


@pytest.mark.parametrize("text, expected", [("100/s", 100), ("30/m", 0.5), ("2.5", 2.5)])
def test_a_rate_is_read(text: str, expected: float) -> None:
    """A rate is a number, by itself or with its unit of time."""
    assert pace.rate(text) == expected


@pytest.mark.parametrize("text", ["", "0", "0/s", "-1", "1/d", "fast"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    """A text that is no rate says how one is written."""
    with pytest.raises(ValueError, match="100/s"):
        pace.rate(text)
