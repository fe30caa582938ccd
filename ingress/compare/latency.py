"""How long answers took: a distribution in a few hundred counters, however many there are."""

import math
from typing import Final

import msgspec

_LOWEST: Final = 1e-5
GROWTH: Final = 1.05
"""Each bucket is so much wider than the one before: a quantile is right to 2.5 %."""

_STEP: Final = math.log(GROWTH)


class Quantiles(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution in figures: seconds, and ``count`` answers."""

    count: int
    p50: float
    p95: float
    p99: float
    longest: float


class Latency:
    """Counts durations in buckets that grow by 5 %, as an HDR histogram does."""

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self._longest = 0.0
        self.count = 0

    def __repr__(self) -> str:
        return f"<Latency of {self.count}>"

    def add(self, seconds: float) -> None:
        """Count one answer."""
        bucket = math.floor(math.log(max(seconds, _LOWEST) / _LOWEST) / _STEP)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        self._longest = max(self._longest, seconds)
        self.count += 1

    def quantile(self, share: float) -> float:
        """Give the seconds within which this share (0 to 1) of the answers came; 0 for none."""
        left = share * self.count
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return min(self._middle(bucket), self._longest)
        return self._longest

    def quantiles(self) -> Quantiles:
        """Give the usual figures."""
        p50, p95, p99 = map(self.quantile, (0.5, 0.95, 0.99))
        return Quantiles(count=self.count, p50=p50, p95=p95, p99=p99, longest=self._longest)

    def buckets(self) -> list[tuple[float, int]]:
        """Give (seconds, answers) a bucket, the shortest first."""
        return [(self._middle(bucket), self._buckets[bucket]) for bucket in sorted(self._buckets)]

    @staticmethod
    def _middle(bucket: int) -> float:
        return float(_LOWEST * GROWTH ** (bucket + 0.5))
