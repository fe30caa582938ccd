from pathlib import Path

import pytest

from bench import limits
from bench.limits import Trial, account


@pytest.mark.parametrize("store", ["memory://", "redis"])
def test_limits_are_exact(store: str, vhost_url: str, redis_url: str, tmp_path: Path) -> None:
    """Processes of real gateways that are hammered let exactly the limit pass in each window."""
    redis = store == "redis"
    trial = Trial(
        broker=vhost_url,
        store=redis_url if redis else store,
        gateways=2 if redis else 1,
        processes=1 if redis else 3,
        calls=100,
        seconds=1,
        windows=2,
        connections=16,
    )
    found = limits.measure(trial, tmp_path)
    assert found.exact(trial), found
    assert found.answers["rate_limited"] > 100
    assert found.processes >= 2


def _seen(*moments: float, code: str = "passed") -> list[limits._Seen]:
    return [limits._Seen(moment, moment + 0.1, code, "p") for moment in moments]


@pytest.mark.parametrize(
    "moments, windows, exceeded",
    [
        ((0, 0.1, 1.01, 1.1, 2.2, 2.3), (2, 2, 2), 0),
        ((0, 0.1, 0.2, 1.05, 1.1), (3, 2, 0), 1),
        # Two at the end of a window and two at the beginning of the next.
        ((0, 0.8, 1.0, 1.01), (2, 2, 0), 1),
        ((), (0, 0, 0), 0),
    ],
)
def test_what_is_not_exact_is_found(
    moments: tuple[float, ...], windows: tuple[int, ...], exceeded: int
) -> None:
    """A window with too few, and any window with too many, is counted."""
    trial = Trial(broker="", store="", calls=2, seconds=1, windows=3)
    found = account(trial, [*_seen(*moments), *_seen(0.5, code="rate_limited")])
    assert (found.windows, found.exceeded) == (windows, exceeded)
    assert found.exact(trial) == (windows == (2, 2, 2) and not exceeded)
    assert not account(trial, _seen(0, code="internal")).exact(trial)
