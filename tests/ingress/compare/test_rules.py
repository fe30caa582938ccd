import pytest

from ingress.compare.rules import IGNORED_HEADERS, Rules, Tolerance


def test_a_tolerance_is_absolute_or_a_share() -> None:
    """Numbers may be apart by an amount, or by a share of the larger one."""
    assert Tolerance("0.1").holds(1.0, 1.05)
    assert not Tolerance("0.1").holds(1.0, 1.2)
    assert Tolerance("1%").holds(100, 101)
    assert not Tolerance("1%").holds(100, 102)
    assert not Tolerance().holds(1, 2)
    assert not Tolerance("1%").holds(10**400, 1.0)


@pytest.mark.parametrize("text", ["", "-1", "1 %", "ten", "1%%", "nan"])
def test_what_is_no_tolerance_is_refused(text: str) -> None:
    """A text that is no tolerance says how one is written."""
    with pytest.raises(ValueError, match=r"0\.01 or 1%"):
        Tolerance(text)


def test_a_tolerance_may_be_for_one_path() -> None:
    """With a path before it a tolerance holds for the numbers there."""
    rules = Rules(tolerance=["$.price=1%", "0.001"])
    assert rules.near("$.price", 100, 101)
    assert not rules.near("$.count", 100, 101)
    assert rules.near("$.count", 1.0, 1.0005)


def test_headers_of_the_moment_are_left_alone() -> None:
    """Date and request id are never compared; others are added in any case."""
    assert {"date", "x-request-id", "content-length"} <= IGNORED_HEADERS
    assert "etag" in Rules(headers=["ETag "]).headers
