import xml.etree.ElementTree as ET

import pytest

from ingress.compare.latency import Latency
from ingress.compare.page.plot import plot, write


def latency(*seconds: float) -> Latency:
    found = Latency()
    for one in seconds:
        found.add(one)
    return found


def drawn(left: Latency, right: Latency) -> str:
    return plot((left.buckets(), right.buckets()), (left.quantiles(), right.quantiles()))


def test_both_sides_are_drawn_on_one_scale() -> None:
    """The picture has a curve and three marks a side, all within its frame, and says what it is."""
    root = ET.fromstring(drawn(latency(0.001, 0.002, 0.5), latency(0.01, 2.0)))  # noqa: S314 - ours
    assert root.get("role") == "img"
    assert "p50" in str(root.get("aria-label"))
    marks = [one for one in root if one.tag == "circle"]
    assert len(marks) == 6
    assert all(8 <= float(one.get("cx", "0")) <= 852 for one in marks)
    assert len([one for one in root if one.tag == "path"]) == 2
    ticks = [one.text for one in root if one.tag == "text"]
    assert {"1ms", "100ms", "1s"} <= set(ticks)


def test_a_side_without_answers_is_no_error() -> None:
    """One empty side is drawn flat, and two make no picture."""
    assert "<circle" in drawn(latency(0.1), latency())
    assert drawn(latency(), latency()) == ""


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "0"),
        (5e-7, "0"),
        (0.00085, "850µs"),
        (0.0123, "12.3ms"),
        (1.25, "1.25s"),
        (1800, "1800s"),
    ],
)
def test_a_duration_is_written_short(seconds: float, text: str) -> None:
    """Three figures and the unit that fits."""
    assert write(seconds) == text
