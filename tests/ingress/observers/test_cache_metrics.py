"""Metrics of the cache."""

from collections import Counter

from prometheus_client import CollectorRegistry, generate_latest

from ingress.observers.cache_metrics import CacheMetrics


def test_it_takes_over_what_was_counted() -> None:
    """What was poured in before is not counted twice."""
    registry = CollectorRegistry()
    metrics = CacheMetrics(registry)
    counts = Counter({"hit": 2, "miss": 1})
    metrics.pour(counts, 3, 100)
    counts["hit"] += 1
    metrics.pour(counts, 4, 90)
    text = generate_latest(registry).decode()
    assert 'queuegate_cache_requests_total{result="hit"} 3.0' in text
    assert 'queuegate_cache_requests_total{result="miss"} 1.0' in text
    assert "queuegate_cache_evicted_total 4.0" in text
    assert "queuegate_cache_bytes 90.0" in text
