import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.compare.latency import Latency


def of(*seconds: float) -> Latency:
    latency = Latency()
    for one in seconds:
        latency.add(one)
    return latency


def test_quantiles_are_right_to_a_few_percent() -> None:
    """Half, 95 and 99 of a hundred come within the time that is told."""
    figures = of(*(number / 1000 for number in range(1, 101))).quantiles()
    assert figures.count == 100
    assert figures.p50 == pytest.approx(0.050, rel=0.03)
    assert figures.p95 == pytest.approx(0.095, rel=0.03)
    assert figures.p99 == pytest.approx(0.099, rel=0.03)
    assert figures.longest == 0.1


def test_nothing_took_no_time() -> None:
    """Without answers all figures are zero."""
    assert Latency().quantiles().p99 == 0
    assert of(0.0).quantile(0.5) == 0


@given(st.lists(st.floats(0, 3600), min_size=1))
def test_no_quantile_is_beyond_the_longest(seconds: list[float]) -> None:
    """Quantiles grow with their share, none is beyond the longest, and no answer is lost."""
    latency = of(*seconds)
    figures = latency.quantiles()
    assert figures.p50 <= figures.p95 <= figures.p99 <= figures.longest == max(seconds)
    assert sum(count for _, count in latency.buckets()) == len(seconds)
