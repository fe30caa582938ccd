"""Prometheus metrics of the journal. Told by its thread; prometheus_client locks by itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class JournalMetrics:
    """Counts what was written down, and what was not."""

    def __init__(self, registry: CollectorRegistry) -> None:
        records = Counter(
            "queuegate_journal_records",
            "Records of the journal: written, or dropped because it was full or failing.",
            ["result"],
            registry=registry,
        )
        self._written = records.labels("written")
        self._dropped = records.labels("dropped")
        self._bytes = Counter(
            "queuegate_journal_bytes", "Bytes of the records that were written.", registry=registry
        )
        self._failures = Counter(
            "queuegate_journal_failures", "Attempts to write that failed.", registry=registry
        )
        self._waiting = Gauge(
            "queuegate_journal_waiting",
            "Requests that wait to be written down.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def written(self, records: int, size: int) -> None:
        """Count records, and their bytes."""
        self._written.inc(records)
        self._bytes.inc(size)

    def dropped(self, records: int) -> None:
        """Count requests that were not recorded and should have been."""
        self._dropped.inc(records)

    def failed(self) -> None:
        """Count an attempt that failed."""
        self._failures.inc()

    def waiting(self, records: int) -> None:
        """Note how many wait."""
        self._waiting.set(records)
