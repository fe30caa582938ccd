from ingress.limits.limit import PLANS, limits
from ingress.limits.rate import parse
from ingress.limits.windows import Sliding


def test_rates_and_quotas_are_counted_apart() -> None:
    """One name makes two limits, so that what was used of a quota outlives a change of rates."""
    rates, quotas = limits("a", [parse("10/s")], {"day": 5}, 3)
    assert [one.name for one in rates.parts()] == ["a-1s", "a-concurrent"]
    assert [one.name for one in quotas.parts()] == ["a-day"]
    assert rates.table != quotas.table
    assert limits("a", quotas={"month": 9})[0].table == quotas.table
    assert limits("a", [parse("11/s")])[0].table != limits("a", [parse("10/s")])[0].table


def test_one_window_has_the_name_of_its_limit() -> None:
    """Where there is one window it needs no name of its own."""
    (made,) = limits("a", [parse("10/s")])
    assert made.parts()[0].name == "a"
    assert repr(made) == '<Limit a "a";q=10;w=1>'


def test_all_usage_plans_share_their_tables() -> None:
    """Plans have room for any rates in one table, so that a caller may change the plan."""
    gold, quota = limits("gold", [parse("10/s")], {"day": 1}, shared=True)
    free, _ = limits("free", [parse("1/s"), parse("9/m")], {"month": 1}, shared=True)
    assert gold.table == free.table == PLANS
    assert gold.size == free.size == 3 * Sliding.LARGEST
    assert quota.table == f"{PLANS}.quotas"


def test_windows_lie_behind_each_other() -> None:
    """No two windows of a row share bytes."""
    made, _ = limits("a", [parse("10/s"), parse("100/m"), parse("5/h")], {"day": 1, "month": 2})
    ends = [begins + window.size for window, begins in made.cells]
    assert [begins for _, begins in made.cells] == [0, *ends[:-1]]
    assert made.size == ends[-1]
