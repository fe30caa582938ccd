"""What limits refused, by limit, and calls that passed because nothing could count them."""

from prometheus_client import CollectorRegistry, Counter

from ingress.flow import Flow


class LimitsMetrics:
    """Counts finished Flows that a limit had something to say about."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refused = Counter(
            "queuegate_limited",
            "Requests answered 429, by the limit (and its window) that refused.",
            ["limit", "code"],
            registry=registry,
        )
        self._uncounted = Counter(
            "queuegate_limits_uncounted",
            "Requests that passed uncounted: their limits are open when the store is down.",
            ["route"],
            registry=registry,
        )

    def __repr__(self) -> str:
        return "<LimitsMetrics>"

    def __call__(self, flow: Flow) -> None:
        notes = flow.notes
        if not notes:
            return
        refused = notes.get("limit_refused")
        if refused:
            self._refused.labels(refused, flow.code).inc()
        elif "limit_uncounted" in notes:
            self._uncounted.labels(flow.route).inc()
