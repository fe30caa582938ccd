"""Metrics of the journal."""

from prometheus_client import CollectorRegistry, generate_latest

from ingress.observers.journal_metrics import JournalMetrics


def test_it_counts_what_was_written_and_what_was_not() -> None:
    """Records by result, bytes, failures, and what waits now."""
    registry = CollectorRegistry()
    metrics = JournalMetrics(registry)
    metrics.written(3, 300)
    metrics.dropped(2)
    metrics.failed()
    metrics.waiting(7)
    text = generate_latest(registry).decode()
    assert 'queuegate_journal_records_total{result="written"} 3.0' in text
    assert 'queuegate_journal_records_total{result="dropped"} 2.0' in text
    assert "queuegate_journal_bytes_total 300.0" in text
    assert "queuegate_journal_failures_total 1.0" in text
    assert "queuegate_journal_waiting 7.0" in text
