from prometheus_client import CollectorRegistry

from contracts.fault import Fault
from ingress.observers.limits_metrics import LimitsMetrics
from tests.ingress.limits.asked import request


def test_it_counts_what_limits_did() -> None:
    """A refusal counts under the limit and its code, a call that passed uncounted by its route."""
    registry = CollectorRegistry()
    observe = LimitsMetrics(registry)
    refused = request()
    refused.notes["limit_refused"], refused.fault = "a-1m", Fault("rate_limited")
    uncounted = request()
    uncounted.notes["limit_uncounted"] = True
    for flow in (refused, refused, uncounted, request()):
        observe(flow)
    labels = {"limit": "a-1m", "code": "rate_limited"}
    assert registry.get_sample_value("queuegate_limited_total", labels) == 2
    assert registry.get_sample_value("queuegate_limits_uncounted_total", {"route": "-"}) == 1
