from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingress.journal import summing


def test_percentiles_are_values_that_were_measured() -> None:
    """A percentile is the smallest value that so many percent do not exceed (nearest rank)."""
    ordered = list(range(1, 101))
    assert [summing.percentile(ordered, percent) for percent in (50, 95, 99)] == [50, 95, 99]
    assert summing.percentile([7], 99) == 7


@given(st.lists(st.integers(0, 10**8), min_size=1))
def test_percentiles_are_in_order(durations: list[int]) -> None:
    """Whatever was measured, a higher percentile is never below a lower one."""
    ordered = sorted(durations)
    found = [summing.percentile(ordered, percent) for percent in (1, 50, 95, 99, 100)]
    assert all(low <= high for low, high in pairwise(found))
    assert found[-1] == ordered[-1]


def test_the_pace_is_the_power_of_two_above() -> None:
    """A pace of n means below 2 to the n milliseconds, and not below half of it."""
    paces = [summing.pace(us) for us in (0, 999, 1000, 1999, 2000, 3999, 4000, 1_000_000)]
    assert paces == [0, 0, 1, 1, 2, 2, 3, 10]


def test_the_busiest_route_comes_first() -> None:
    """Sums are in the order of their counts, with a histogram over all of a route's calls."""
    sums = summing.Summing()
    sums.add("a", 200, "", [500])
    sums.add("b", 200, "", [500, 1500, 1600])
    sums.add("b", 503, "busy", [9000])
    first, second = sums.results()
    assert (first.route, first.count, first.errors) == ("b", 4, 1)
    assert first.histogram == (1, 2, 0, 0, 1)
    assert first.faults == {"busy": 1}
    assert second.route == "a"
