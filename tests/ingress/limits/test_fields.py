import pytest

from ingress.limits import fields
from ingress.limits.limit import Concurrent, Standing, limits
from ingress.limits.rate import parse


def _standings() -> list[Standing]:
    first, second = limits("a", [parse("10/s"), parse("100/m")], {"month": 5}, concurrent=3)
    parts = (*first.parts(), *second.parts())
    return list(zip(parts, (9, 99, 2, 4), (1, 59_001, 0, 86_400_000), strict=True))


def test_ratelimit_tells_how_each_window_stands() -> None:
    """What is left, and for how many seconds that holds, as the draft's section 4 writes it."""
    told = fields.standing(_standings())
    assert told == '"a-1s";r=9;t=1, "a-1m";r=99;t=60, "a-concurrent";r=2, "a-month";r=4;t=86400'


def test_ratelimit_policy_tells_what_is_allowed() -> None:
    """Quota, window and unit of each, as the draft's section 3 writes it."""
    made = limits("a", [parse("10/s"), parse("100/m")], {"month": 5}, concurrent=3)
    assert fields.policy(made) == (
        '"a-1s";q=10;w=1, "a-1m";q=100;w=60, "a-concurrent";q=3;qu="concurrent-requests",'
        ' "a-month";q=5'
    )
    assert fields.policy(limits("day", quotas={"day": 7})) == '"day";q=7;w=86400'


def test_both_are_prepared_as_lines() -> None:
    """What is left to write is numbers, and what is written reads as the long way does."""
    made = limits("a", [parse("10/s"), parse("100/m")], {"month": 5})
    lines = fields.template(made) % (9, 1, 99, 60, 4, 86_400)
    assert lines == (
        b'ratelimit-policy: "a-1s";q=10;w=1, "a-1m";q=100;w=60, "a-month";q=5\r\n'
        b'ratelimit: "a-1s";r=9;t=1, "a-1m";r=99;t=60, "a-month";r=4;t=86400\r\n'
    )
    with pytest.raises(ValueError, match="cannot stand"):
        fields.head(limits("a\r\nb", [parse("10/s")]))


@pytest.mark.parametrize("resets, seconds", [((1,), 1), ((1000,), 1), ((1001, 4999), 5), ((0,), 1)])
def test_retry_after_is_when_all_have_more(resets: tuple[int, ...], seconds: int) -> None:
    """It is never before any window that refused has something again, and never now."""
    assert fields.retry_after([(Concurrent("c", 1), 0, one) for one in resets]) == seconds
