"""Durations, sizes and shares, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress import units


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("5s", 5.0),
        ("250ms", 0.25),
        ("1m", 60.0),
        ("1.5h", 5400.0),
        ("0s", 0.0),
        ("0.1s", 0.1),
        ("7d", 604_800.0),
    ],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    """A duration is a number with ms, s, m or h, and gives seconds."""
    assert units.duration(text) == seconds


@pytest.mark.parametrize(
    "text, count",
    [("1MiB", 1_048_576), ("512KB", 512_000), ("2KiB", 2048), ("100B", 100), ("1GB", 10**9)],
)
def test_a_size_is_read_in_bytes(text: str, count: int) -> None:
    """A size is a whole number with a unit; KB counts by 1000 and KiB by 1024."""
    assert units.size(text) == count


@pytest.mark.parametrize("text, part", [("50%", 0.5), ("2.5%", 0.025), ("100%", 1.0)])
def test_a_share_is_read_as_a_part_of_one(text: str, part: float) -> None:
    """A share is a percentage and gives 0 to 1."""
    assert units.share(text) == part


@pytest.mark.parametrize(
    "text", ["5", "", "s", "5 s", "-5s", "5S", "1e3s", "\u0665s", "5s\n", None, []]
)
def test_what_is_no_duration_is_refused_with_an_example(text: object) -> None:
    """Anything else is refused, and the sentence shows how one is written."""
    with pytest.raises(ValueError, match="5s, 250ms, 1m or 7d"):
        units.duration(text)


@pytest.mark.parametrize("number", [7, 0.7])
def test_a_number_without_a_unit_is_refused_without_being_repeated(number: float) -> None:
    """A bare number is asked for its unit, and its value, maybe a secret, is not shown."""
    with pytest.raises(ValueError, match="needs its unit") as caught:
        units.size(number)
    assert "7" not in str(caught.value)


@pytest.mark.parametrize("text", ["101%", "50", "-1%", "%"])
def test_a_share_beyond_a_hundred_percent_is_refused(text: str) -> None:
    """A share lies from 0 to 100 percent."""
    with pytest.raises(ValueError, match="a share"):
        units.share(text)


@given(st.integers(0, 10**9))
def test_a_written_duration_reads_back(milliseconds: int) -> None:
    """What is written for a duration is read as the same."""
    seconds = milliseconds / 1000
    assert units.duration(units.write_duration(seconds)) == pytest.approx(seconds)


@given(st.integers(0, 10**11))
def test_a_written_size_reads_back(count: int) -> None:
    """What is written for a size is read as the same."""
    assert units.size(units.write_size(count)) == count


@given(st.integers(0, 1000))
def test_a_written_share_reads_back(tenths: int) -> None:
    """What is written for a share is read as the same."""
    assert units.share(units.write_share(tenths / 1000)) == pytest.approx(tenths / 1000)
