"""What the cache tells Prometheus."""

from collections import Counter as Counts

from prometheus_client import CollectorRegistry, Counter, Gauge


class CacheMetrics:
    """Figures of the cache in a registry of metrics; poured in from time to time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "queuegate_cache_requests_total",
            "Requests on routes with a cache, by what was done",
            ["result"],
            registry=registry,
        )
        self._evicted = Counter(
            "queuegate_cache_evicted_total",
            "Answers that had to go for want of memory",
            registry=registry,
        )
        self._bytes = Gauge(
            "queuegate_cache_bytes",
            "Memory in use for answers",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._poured: Counts[str] = Counts()
        self._poured_evicted = 0

    def pour(self, counts: Counts[str], evicted: int, used: int) -> None:
        """Take over what was counted since the start."""
        for result, count in counts.items():
            if more := count - self._poured[result]:
                self._requests.labels(result).inc(more)
                self._poured[result] = count
        self._evicted.inc(evicted - self._poured_evicted)
        self._poured_evicted = evicted
        self._bytes.set(used)
